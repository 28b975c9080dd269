/** Chance that can be repeated: all of a history's comes from its seed. */
import { hash32 } from "../../src/lib/hash.ts";

export class Dice {
  readonly #seed: number;
  #rolls = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** 0 … 1, without 1. */
  readonly roll = (): number => hash32(`${this.#seed} ${this.#rolls++}`) / 2 ** 32;

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  /** From 0 to `end`, without `end`. */
  below(end: number): number {
    return Math.floor(this.roll() * end);
  }

  pick<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)]!;
  }
}
