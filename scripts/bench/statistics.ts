export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** @param share from 0, the least of them, to 1, the most; between two values as far as it lies between them */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below === above ? below : below + (above - below) * (place - Math.floor(place));
}

export function spread(values: number[]): { least: number; most: number } {
  return { least: Math.min(...values), most: Math.max(...values) };
}
