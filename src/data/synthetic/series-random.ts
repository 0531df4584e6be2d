import { Random } from "../../core/index.ts";

/** Which series of a stream: it is a function of these three alone, so that a stream can go on anywhere. */
export interface SeriesAddress {
  readonly seed: number;
  /** Counts batches; held-out series have steps below 0. */
  readonly step: number;
  /** Place in the batch. */
  readonly index: number;
}

/** The random numbers of one series. */
export function seriesRandom({ seed, step, index }: SeriesAddress): Random {
  const key = mix(mix(mix(seed ^ GOLDEN) + step) ^ Math.imul(index + 1, GOLDEN));
  const words = [1, 2, 3, 4].map((word) => mix(key + Math.imul(word, GOLDEN)));
  return Random.fromState(words.some((word) => word !== 0) ? words : [1, 2, 3, 4]);
}

/** 2³² divided by the golden ratio. */
const GOLDEN = 0x9e3779b9;

/** murmur3's finalizer: every bit of the input moves every bit of the output. @see A. Appleby, MurmurHash3 */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
