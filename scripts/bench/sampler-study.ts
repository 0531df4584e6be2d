import { Random } from "../../src/core/index.ts";
import type { Sampler, Trial } from "../../src/sweep/index.ts";
import type { Problem } from "./sampler-problems.ts";

/**
 * One sequential study: propose, look, tell.
 *
 * @returns the noise-free value of the trial that looked best, after as many trials as each of `checkpoints` says
 */
export function runStudy(
  sampler: Sampler,
  problem: Problem,
  { seed, checkpoints }: { readonly seed: number; readonly checkpoints: readonly number[] },
): Map<number, number> {
  const noise = Random.fromSeed(1_000_003 * seed + 7);
  const trials: Trial[] = [];
  const curve = new Map<number, number>();
  let [lookedBest, best] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let num = 0; num < Math.max(...checkpoints); num++) {
    const values = sampler.propose(num, sampler.learns ? trials : []);
    const value = problem.value(values);
    const seen = value + (problem.noise > 0 ? noise.normal(problem.noise) : 0);
    trials.push({ values, state: "completed", losses: [seen], last: undefined });
    if (seen < lookedBest) [lookedBest, best] = [seen, value];
    if (checkpoints.includes(num + 1)) curve.set(num + 1, best);
  }
  return curve;
}
