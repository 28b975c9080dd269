/**
 * Compares contestants by interleaved samples. A shared machine slows down for seconds and stalls for tenths of one, so
 * all take turns of a tenth of a second, over and over, and the 90th-percentile sample of each counts: a disturbance
 * only ever makes a sample slower.
 */

export interface Contestant {
  /** @returns how many requests were answered, and how many a second */
  run: (seconds: number) => Promise<{ requests: number; perSecond: number }>;
  /** CPU time so far, in ms; always 0 where it cannot be known. */
  cpuTime: () => number;
}

export interface Result {
  perSecond: number;
  /** Of `perSecond` to that of the first contestant. */
  ratio: number;
  /** CPU time of a request, in ms. */
  cpu: number;
}

/** @param contestants the first is the baseline @param seconds for each of them, after a warm-up that does not count */
export async function compare(contestants: readonly Contestant[], seconds: number): Promise<Result[]> {
  let length = Math.min(0.1, seconds);
  for (const { run } of contestants) {
    const { perSecond } = await run(Math.min(1, seconds));
    // A hundred requests or more: one more or less then makes no difference.
    length = Math.max(length, Math.min(seconds, 100 / perSecond));
  }
  const samples = contestants.map(() => ({ perSecond: [] as number[], cpu: [] as number[] }));
  const order = [...contestants.keys()];
  for (let time = 0; time < seconds; time += length) {
    // The later one finds a warmer machine, so they swap places.
    for (const which of order.reverse()) {
      const { perSecond, cpu } = await take(contestants[which]!, length);
      samples[which]!.perSecond.push(perSecond);
      samples[which]!.cpu.push(cpu);
    }
  }
  const best = samples.map(({ perSecond, cpu }) => ({
    perSecond: quantile(perSecond, 0.9),
    cpu: quantile(cpu, 0.1),
  }));
  return best.map((one) => ({ ...one, ratio: one.perSecond / best[0]!.perSecond }));
}

/** One sample. In one without an answer, the time was too short to tell anything: it is taken again, twice as long. */
async function take(
  { run, cpuTime }: Contestant,
  seconds: number,
): Promise<{ perSecond: number; cpu: number }> {
  const before = cpuTime();
  const { perSecond, requests } = await run(seconds);
  return requests === 0
    ? take({ run, cpuTime }, seconds * 2)
    : { perSecond, cpu: (cpuTime() - before) / requests };
}

/** @param share from 0, the lowest, to 1, the highest */
function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.round((values.length - 1) * share)]!;
}
