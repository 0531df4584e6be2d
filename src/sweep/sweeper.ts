import type { Override, PlainValue } from "../config/index.ts";
import type { Objective } from "./objectives.ts";

/** One job's worth of values: overrides without sweeps, typed, never parsed again from text. */
export interface SweepPoint {
  readonly overrides: readonly Override[];
  /** The swept keys with this point's values, as text. */
  readonly params: Readonly<Record<string, string>>;
}

/** How a point ended. */
export interface PointOutcome {
  /** The point's place in the order in which `next` gave them, from 0. */
  readonly num: number;
  /** "pruned": `report` said "stop", and the job stopped. */
  readonly status: "completed" | "pruned" | "failed" | "not_run";
  /** What the task returned, where it did; the last reported value of a pruned point. */
  readonly value?: unknown;
}

/** A value that a running job has reached: its validation loss after an epoch, say. */
export interface PointReport {
  /** Counts up: epochs done, steps done. A report of the same step twice counts once. */
  readonly step: number;
  readonly value: number;
}

/**
 * Proposes points and hears how they ended. The driver asks `next` until it says "wait" or "done", runs what it got
 * in any order, and calls `tell` once for every point, and once more for a failed one that somebody had run again.
 *
 * A sweeper is a function of its request and of the calls that it got: it knows no clock, and its random numbers come from
 * its seed and the point's number. So a sweep is resumed by making the sweeper again and repeating its calls; "wait" and
 * "done" change nothing, and need not be repeated.
 */
export interface Sweeper {
  /** How many points there will be, where that is known beforehand. */
  readonly total: number | undefined;
  /**
   * Whether a point depends on the results of those before: then a point asked for early is a worse one, and the driver asks
   * when a slot is free, not before.
   */
  readonly isAdaptive?: boolean;
  /** What the sweep optimises; absent where it only lists points. */
  readonly objectives?: readonly Objective[];
  /** The next point; "wait" until a pending point was told; "done" when there are no more. */
  next(): SweepPoint | "wait" | "done";
  /** Once for every point, however it ended; once more where a failed one was run again. */
  tell(outcome: PointOutcome): void;
  /** An intermediate value of a running point. "stop": the job is to end now, and counts as pruned. */
  report?(num: number, report: PointReport): "continue" | "stop";
}

/** What a sweeper is made from. */
export interface SweepRequest {
  /** The task's overrides as typed, sweeps included; `hydra.…` words are not among them. */
  readonly overrides: readonly Override[];
  /** The composed and resolved `hydra.sweeper` node, with `params` and the sweeper's own settings. */
  readonly settings: ReadonlyMap<string, PlainValue>;
  /** The options of a config group, sorted; none for an unknown group. */
  groupOptions(group: string): readonly string[];
  /** Takes a line that the user should see: why a point was pruned, why its value does not count. */
  say?(line: string): void;
}

export type SweeperFactory = (request: SweepRequest) => Sweeper;
