import type { PointReport } from "../sweeper.ts";

/** "continue", or why the trial is to stop, in a user's words. */
export type PruneDecision = "continue" | { readonly stop: string };

/** Decides over intermediate values which trials go on. */
export interface Pruner {
  /** @param trial  its number */
  report(trial: number, report: PointReport): PruneDecision;
}

/** A value as it is said to a user. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(6)));
}
