import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** Seeded random numbers (xoroshiro128+). The state can be read and restored, so a checkpoint can hold it. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  private constructor(generator: ReturnType<typeof xoroshiro128plus>) {
    this.#generator = generator;
  }

  static fromSeed(seed: number): Random {
    return new Random(xoroshiro128plus(seed));
  }

  static fromState(state: readonly number[]): Random {
    return new Random(xoroshiro128plusFromState(state));
  }

  /** The generator's state; `Random.fromState` continues from it. */
  get state(): readonly number[] {
    return this.#generator.getState();
  }

  /** Uniform in [low, high). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * uniformFloat64(this.#generator);
  }

  /** Uniform integer in [low, high], both ends included. */
  integer(low: number, high: number): number {
    return uniformInt(this.#generator, low, high);
  }

  /** Standard normal times `deviation` (Box-Muller). */
  normal(deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The numbers 0 … n−1 in random order (Fisher-Yates). */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, index) => index);
    for (let last = n - 1; last > 0; last--) {
      const pick = this.integer(0, last);
      const kept = order[last] as number;
      order[last] = order[pick] as number;
      order[pick] = kept;
    }
    return order;
  }
}
