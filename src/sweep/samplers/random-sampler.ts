import { fromUnit } from "../space/distribution.ts";
import type { Sampler, SamplerRequest } from "./sampler.ts";
import { trialRandom } from "./trial-random.ts";

/** Every value equally likely; on the logarithm where the key is tagged `log`. */
export function randomSampler({
  distributions,
  seed,
}: Pick<SamplerRequest, "distributions" | "seed">): Sampler {
  return {
    learns: false,
    propose(num) {
      const random = trialRandom(seed, num);
      return distributions.map((distribution) => fromUnit(distribution, random.uniform()));
    },
  };
}
