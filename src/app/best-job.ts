import type { JobOutcome } from "../launch/index.ts";
import type { Objective } from "../sweep/index.ts";
import { objectiveValues } from "../sweep/index.ts";
import { shownNumber } from "./shown-number.ts";

/** The job with the best value of a sweep's one objective. */
export interface BestJob {
  readonly outcome: JobOutcome;
  readonly value: number;
}

/**
 * The better of two jobs; undefined where neither counts: only completed jobs do, and only where the sweep has one
 * objective. Of equals the first stays.
 */
export function bestOf(
  best: BestJob | undefined,
  outcome: JobOutcome,
  objectives: readonly Objective[] | undefined,
): BestJob | undefined {
  const [objective, second] = objectives ?? [];
  if (objective === undefined || second !== undefined || outcome.status !== "completed") return best;
  const values = objectiveValues(outcome.result, [objective]);
  const [value] = "fault" in values ? [] : values;
  if (value === undefined) return best;
  if (best === undefined) return { outcome, value };
  const isBetter = objective.direction === "maximize" ? value > best.value : value < best.value;
  return isBetter ? { outcome, value } : best;
}

/** The best of all jobs; undefined where none counts. */
export function bestJob(
  outcomes: readonly JobOutcome[],
  objectives: readonly Objective[] | undefined,
): BestJob | undefined {
  return outcomes.reduce<BestJob | undefined>(
    (best, outcome) => bestOf(best, outcome, objectives),
    undefined,
  );
}

/** `#7  0.4312  lr=0.001`. */
export function bestText({ outcome, value }: BestJob): string {
  const words = Object.entries(outcome.params).map(([key, text]) => `${key}=${text}`);
  return [`#${outcome.num}`, shownNumber(value), ...words].join("  ");
}
