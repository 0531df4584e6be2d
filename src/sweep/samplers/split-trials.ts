import { nonDominatedFirst } from "../pareto.ts";
import type { Trial } from "./sampler.ts";

/** Trials in two heaps, each by number. */
export interface SplitTrials {
  readonly good: readonly Trial[];
  readonly others: readonly Trial[];
}

/**
 * The `count` best trials and the others. Completed ones come first, by loss (several objectives: by Pareto rank, then by the
 * volume they add); then pruned ones, those that came furthest first; those that run are among the others; failed ones in
 * neither heap.
 */
export function splitTrials(trials: readonly Trial[], count: number): SplitTrials {
  const completed = trials.filter(({ state }) => state === "completed");
  const best = bestCompleted(completed, count);
  const pruned = trials.filter(({ state }) => state === "pruned").sort(comparePruned);
  const good = new Set([...best, ...pruned.slice(0, Math.max(0, count - best.length))]);
  return {
    good: trials.filter((trial) => good.has(trial)),
    others: trials.filter((trial) => trial.state !== "failed" && !good.has(trial)),
  };
}

function bestCompleted(completed: readonly Trial[], count: number): readonly Trial[] {
  if (count >= completed.length) return completed;
  if ((completed[0]?.losses.length ?? 1) > 1) return nonDominatedFirst(completed, count);
  return completed.toSorted((a, b) => (a.losses[0] ?? 0) - (b.losses[0] ?? 0)).slice(0, count);
}

function comparePruned(a: Trial, b: Trial): number {
  const [lastA, lastB] = [a.last, b.last];
  if (lastA === undefined || lastB === undefined)
    return (lastA === undefined ? 1 : 0) - (lastB === undefined ? 1 : 0);
  return lastB.step - lastA.step || orWorst(lastA.loss) - orWorst(lastB.loss);
}

function orWorst(loss: number): number {
  return Number.isNaN(loss) ? Number.MAX_VALUE : loss;
}
