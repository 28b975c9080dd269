/** How quickly Trustpilot answers, read from the histogram. Pure. */
import { BOUNDS, type Counts } from "../domain/answer-counts.ts";

/**
 * The time that `share` of the answers kept, in ms: interpolated within its bucket, as Prometheus does it.
 *
 * @param share 0.95 for the 95th percentile
 * @returns `null` without an answer, `Infinity` beyond the last bound
 */
export function percentile(answers: Counts, share: number): number | null {
  const counts = BOUNDS.map((bound) => answers[`answer:within:${bound}`] ?? 0);
  const rank = share * counts.reduce((sum, count) => sum + count, 0);
  if (rank === 0) return null;
  let below = 0;
  const index = counts.findIndex((count) => (below += count) >= rank);
  const [lower, upper] = [BOUNDS[index - 1] ?? 0, BOUNDS[index] ?? Infinity];
  return upper === Infinity ? upper : upper - ((upper - lower) * (below - rank)) / counts[index]!;
}
