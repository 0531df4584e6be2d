import type { Random } from "../../core/index.ts";
import { readFlag, readNumber } from "../read-settings.ts";
import type { ParzenSettings } from "./parzen-estimator.ts";
import { ParzenEstimator } from "./parzen-estimator.ts";
import { randomSampler } from "./random-sampler.ts";
import type { Sampler, SamplerRequest, Trial } from "./sampler.ts";
import { splitTrials } from "./split-trials.ts";
import { trialRandom } from "./trial-random.ts";

/** The good trials are at most this many. */
const mostGood = 25;

/** The trials that are not good count one each where they are this recent; older ones less, in proportion to their age. */
const recent = 25;

/** At most this many of them are looked at, the latest: what a trial costs does not grow with the sweep. */
const mostOthers = 1000;

/**
 * The tree-structured Parzen estimator: it draws from the density of the good trials and takes the draw that is most likely
 * among them and least among the others. The first `n_startup_trials` are random.
 *
 * - `multivariate` (true): all keys together; false: each by itself
 * - `n_startup_trials` (10), `n_ei_candidates` (24), `gamma` (0.1, the share of good trials, of which there are at most 25)
 * - `constant_liar` (true): trials that still run count among the others, so that two at once go to different places
 * - `prior_weight` (1; 0.5 where each key goes by itself: there it came further than Optuna's 1 on most of the comparison's problems),
 *   `consider_magic_clip` (true), `consider_endpoints` (false)
 *
 * @see Bergstra et al. 2011; Falkner et al. 2018 (several keys together); Watanabe 2023, arXiv 2304.11127 (the defaults)
 * @throws {SweepError} SWEEP_SETTING
 */
export function tpeSampler(request: SamplerRequest): Sampler {
  const { distributions, seed, settings } = request;
  const startup = readNumber(settings, "n_startup_trials", 10, { least: 0 });
  const candidates = readNumber(settings, "n_ei_candidates", 24, { least: 1 });
  const gamma = readNumber(settings, "gamma", 0.1, { least: 0, most: 1, whole: false });
  const multivariate = readFlag(settings, "multivariate", true);
  const liar = readFlag(settings, "constant_liar", true);
  const parzen: ParzenSettings = {
    priorWeight: readNumber(settings, "prior_weight", multivariate ? 1 : 0.5, { least: 1e-12, whole: false }),
    magicClip: readFlag(settings, "consider_magic_clip", true),
    endpoints: readFlag(settings, "consider_endpoints", false),
  };
  const random = randomSampler(request);
  const groups = multivariate ? [distributions] : distributions.map((distribution) => [distribution]);
  return {
    learns: true,
    propose(num, trials) {
      const ended = trials.filter(({ state }) => state === "completed" || state === "pruned").length;
      if (ended < startup || ended === 0) return random.propose(num, trials);
      const counted = liar ? trials : trials.filter(({ state }) => state !== "running");
      const split = splitTrials(counted, Math.min(mostGood, Math.ceil(gamma * ended)));
      const numbers = trialRandom(seed, num);
      let first = 0;
      return groups.flatMap((group) => {
        const from = first;
        first += group.length;
        const keysOf = ({ values }: Trial) => values.slice(from, from + group.length);
        const others = split.others.slice(-mostOthers);
        const good = new ParzenEstimator(
          group,
          split.good.map(keysOf),
          split.good.map(() => 1),
          parzen,
        );
        const rest = new ParzenEstimator(group, others.map(keysOf), ageWeights(others.length), parzen);
        return bestDraw(good, rest, candidates, numbers);
      });
    },
  };
}

function bestDraw(good: ParzenEstimator, rest: ParzenEstimator, count: number, random: Random): number[] {
  let best: number[] = [];
  let most = Number.NEGATIVE_INFINITY;
  for (let draw = 0; draw < count; draw++) {
    const point = good.draw(random);
    const gain = good.logDensity(point) - rest.logDensity(point);
    if (draw > 0 && !(gain > most)) continue;
    best = point;
    most = gain;
  }
  return best;
}

/** One for each trial, the oldest first: the last 25 count fully, those before from 1/n upwards. */
function ageWeights(count: number): number[] {
  const old = Math.max(0, count - recent);
  const ramp = (index: number) => (old === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * index) / (old - 1));
  return Array.from({ length: count }, (_, index) => (index < old ? ramp(index) : 1));
}
