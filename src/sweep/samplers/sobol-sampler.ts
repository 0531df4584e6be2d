import { readFlag } from "../read-settings.ts";
import { fromUnit } from "../space/distribution.ts";
import type { Sampler, SamplerRequest } from "./sampler.ts";
import { SobolSequence } from "./sobol-sequence.ts";

/**
 * Points that fill the space evenly, each seed its own (`scramble: false` gives the bare sequence, whatever the seed).
 *
 * @throws {SweepError} SWEEP_DIMENSIONS
 */
export function sobolSampler({ distributions, seed, settings }: SamplerRequest): Sampler {
  const sequence = new SobolSequence(distributions.length);
  const scramble = readFlag(settings, "scramble", true);
  return {
    learns: false,
    propose(num) {
      const units = scramble ? sequence.scrambledPoint(num, seed) : sequence.point(num);
      return distributions.map((distribution, index) => fromUnit(distribution, units[index] ?? 0));
    },
  };
}
