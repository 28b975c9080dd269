/**
 * Contestants in short turns. A shared machine slows down for seconds and stalls for tenths of one; whatever runs
 * for seconds at a time meets another machine than its rival. So each has the machine for a tenth of a second, over
 * and over, and its best turns speak for it: what disturbs a turn only ever makes it slower.
 */
import { quantile } from "./statistics.ts";

export interface Rate {
  perSecond: number;
  requests: number;
}

export interface Contestant {
  name: string;
  run: (seconds: number) => Promise<Rate>;
  /** Processor time so far, in ms; `NaN` where it cannot be known. */
  processorTime?: () => number;
}

/** Of one contestant's turns in one pair those that nothing disturbed: one in ten is better. */
export interface Result {
  perSecond: number;
  /** For a request, in ms. */
  processor: number;
}

interface Options {
  /** How often all of them have had their time. */
  pairs: number;
  /** For each contestant in each pair. */
  seconds: number;
  /** Before a warm-up and before each pair. */
  tick: () => void;
}

const TURN = 0.1;
/** Enough that one request more or less makes no difference. */
const LEAST_REQUESTS = 100;

/** @returns for each pair the results by name, after a warm-up as long as a pair, of which nothing counts */
export async function takeTurns(
  contestants: readonly Contestant[],
  { pairs, seconds, tick }: Options,
): Promise<Record<string, Result>[]> {
  tick();
  let turn = TURN;
  for (const { run } of contestants) {
    const { perSecond } = await run(seconds);
    turn = Math.max(turn, Math.min(seconds, LEAST_REQUESTS / perSecond));
  }
  const results: Record<string, Result>[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    tick();
    results.push(await takePair(contestants, turn, Math.max(1, Math.round(seconds / turn))));
  }
  return results;
}

async function takePair(contestants: readonly Contestant[], turn: number, turns: number) {
  const taken = new Map(contestants.map(({ name }) => [name, [] as Result[]]));
  for (let n = 0; n < turns; n++) {
    // Whoever comes later finds a warmer machine: they change places.
    for (const { name, run, processorTime = () => NaN } of n % 2 === 0
      ? contestants
      : contestants.toReversed()) {
      const before = processorTime();
      const { perSecond, requests } = await run(turn);
      taken.get(name)!.push({ perSecond, processor: (processorTime() - before) / requests });
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, ofOne]) => [
      name,
      {
        perSecond: quantile(
          ofOne.map(({ perSecond }) => perSecond),
          0.9,
        ),
        processor: quantile(
          ofOne.map(({ processor }) => processor),
          0.1,
        ),
      },
    ]),
  );
}

/** How often `takeTurns` ticks. */
export function ticksOf(pairs: number): number {
  return pairs + 1;
}
