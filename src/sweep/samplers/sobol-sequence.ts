import { SweepError } from "../errors.ts";
import type { JoeKuoRow } from "./joe-kuo.ts";
import { joeKuoRows } from "./joe-kuo.ts";
import { joeKuoDimensions } from "./joe-kuo-table.ts";
import { hashInts } from "./trial-random.ts";

const bits = 30;
const scale = 1 / 2 ** bits;

/**
 * The Sobol sequence in Gray-code order (Antonov and Saleev 1979) with the direction numbers of Joe and Kuo 2008, 30 bits:
 * point for point what `scipy.stats.qmc.Sobol(d, scramble=False)` gives. Point 0 is the origin.
 *
 * @throws {SweepError} SWEEP_DIMENSIONS for more dimensions than the table has
 */
export class SobolSequence {
  readonly #directions: readonly Uint32Array[];

  constructor(dimensions: number) {
    if (dimensions > joeKuoDimensions) {
      const what = `the Sobol sequence here has ${joeKuoDimensions} dimensions, and ${dimensions} keys are swept`;
      throw new SweepError("SWEEP_DIMENSIONS", what, {
        where: "hydra.sweeper",
        fix: "hydra/sweeper=random, or sweep over fewer keys",
      });
    }
    this.#directions = joeKuoRows(dimensions).map(directionNumbers);
  }

  /** Point `num` as integers: a coordinate is its integer over 2^30. Any point, without those before it. */
  integers(num: number): number[] {
    const gray = num ^ (num >>> 1);
    return this.#directions.map((directions) => {
      let sum = 0;
      for (let bit = 0; bit < bits; bit++) if ((gray >>> bit) & 1) sum ^= directions[bit] ?? 0;
      return sum >>> 0;
    });
  }

  /** Point `num` in [0, 1)^d. */
  point(num: number): number[] {
    return this.integers(num).map((integer) => integer * scale);
  }

  /**
   * Point `num` with Owen's nested uniform scrambling (1995): each bit is turned or not by a coin that hangs on all bits above
   * it, so that the points keep their evenness and each seed has its own. Half a step is added: no coordinate is 0.
   */
  scrambledPoint(num: number, seed: number): number[] {
    return this.integers(num).map((integer, index) => (scrambleBits(integer, seed, index) + 0.5) * scale);
  }
}

/** v₁ … v₃₀ of a dimension, shifted to the top of 30 bits. */
function directionNumbers({ degree, coefficients, initial }: JoeKuoRow): Uint32Array {
  const m = [...initial];
  for (let k = m.length; k < bits; k++) {
    let next = (m[k - degree] ?? 0) ^ ((m[k - degree] ?? 0) * 2 ** degree);
    for (let i = 1; i < degree; i++) {
      if ((coefficients >>> (degree - 1 - i)) & 1) next ^= (m[k - i] ?? 0) * 2 ** i;
    }
    m.push(degree === 0 ? 1 : next);
  }
  return Uint32Array.from(m.slice(0, bits), (value, k) => value * 2 ** (bits - 1 - k));
}

function scrambleBits(integer: number, seed: number, dimension: number): number {
  let scrambled = integer;
  for (let bit = bits - 1; bit >= 0; bit--) {
    const above = integer >>> (bit + 1);
    scrambled ^= (hashInts(seed, dimension, bit, above) >>> 31) << bit;
  }
  return scrambled >>> 0;
}
