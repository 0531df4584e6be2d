import { Random } from "../../core/index.ts";

/** The numbers behind trial `num`, apart from those of every other trial: a resumed sweep needs no state. */
export function trialRandom(seed: number, num: number): Random {
  return Random.fromState([0, 1, 2, 3].map((lane) => hashInts(seed, num, lane)));
}

/** Integers mixed into 32 bits (the finisher of MurmurHash3 after each). */
export function hashInts(...values: readonly number[]): number {
  return values.reduce((hash, value) => {
    const high = Math.floor(value / 0x1_0000_0000) | 0;
    return mix(mix(hash ^ high) + Math.imul(value | 0, 0x9e3779b1));
  }, 0x51ab_3c17);
}

function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}
