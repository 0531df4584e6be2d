import type { Override, PlainValue } from "../config/index.ts";

/** One job's worth of values: overrides without sweeps, typed, never parsed again from text. */
export interface SweepPoint {
  readonly overrides: readonly Override[];
  /** The swept keys with this point's values, as text. */
  readonly params: Readonly<Record<string, string>>;
}

/** How a point ended. `value` is what the task returned, where it did. */
export interface PointOutcome {
  /** The point's place in the order in which `next` gave them, from 0. */
  readonly num: number;
  readonly status: "completed" | "failed" | "not_run";
  readonly value?: unknown;
}

/**
 * Proposes points and hears how they ended. The driver asks `next` until it says "wait" or "done", runs what it got
 * in any order, and calls `tell` once for every point.
 */
export interface Sweeper {
  /** How many points there will be, where that is known beforehand. */
  readonly total: number | undefined;
  /** The next point; "wait" until a pending point was told; "done" when there are no more. */
  next(): SweepPoint | "wait" | "done";
  tell(outcome: PointOutcome): void;
}

/** What a sweeper is made from. */
export interface SweepRequest {
  /** The task's overrides as typed, sweeps included; `hydra.…` words are not among them. */
  readonly overrides: readonly Override[];
  /** The composed and resolved `hydra.sweeper` node, with `params` and the sweeper's own settings. */
  readonly settings: ReadonlyMap<string, PlainValue>;
  /** The options of a config group, sorted; none for an unknown group. */
  groupOptions(group: string): readonly string[];
}

export type SweeperFactory = (request: SweepRequest) => Sweeper;
