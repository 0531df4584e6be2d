import { SweepError } from "../errors.ts";
import type { Distribution } from "../space/distribution.ts";
import { stepValue, valueCount } from "../space/distribution.ts";
import type { Sampler, SamplerRequest } from "./sampler.ts";

/**
 * Every combination once, the first key slowest: Optuna's GridSampler over a search space.
 *
 * @throws {SweepError} SWEEP_SPACE for an interval of floats, which has no end
 */
export function gridSampler({ distributions }: Pick<SamplerRequest, "distributions">): Sampler {
  const counts = distributions.map(valueCount);
  const total = counts.reduce((product, count) => product * count, 1);
  if (!Number.isFinite(total)) {
    throw new SweepError(
      "SWEEP_SPACE",
      "a grid takes every value, and an interval of floats has no list of them",
      {
        where: "hydra.sweeper.sampler",
        fix: "give steps, as in range(0,1,0.1), or draw values: hydra/sweeper/sampler=tpe",
      },
    );
  }
  return {
    learns: false,
    total,
    propose(num) {
      let rest = num;
      const indices = counts.toReversed().map((count) => {
        const index = rest % count;
        rest = Math.floor(rest / count);
        return index;
      });
      return indices.toReversed().map((index, key) => nthValue(distributions[key], index));
    },
  };
}

function nthValue(distribution: Distribution | undefined, index: number): number {
  if (distribution === undefined || distribution.kind === "categorical") return index;
  return stepValue(distribution.low, distribution.step ?? 0, index);
}
