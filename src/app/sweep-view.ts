import type { JobOutcome, JobReport, PlannedJob } from "../launch/index.ts";
import type { Objective } from "../sweep/index.ts";

/** What is known of a sweep when it begins. */
export interface SweepFacts {
  readonly dir: string;
  readonly total: number | undefined;
  readonly objectives: readonly Objective[] | undefined;
}

/** A job as a view shows it. */
export type ViewedJob = Pick<PlannedJob, "num" | "overrides" | "sweep">;

/** Told what happens in a sweep, to show it. */
export interface SweepView {
  begin(facts: SweepFacts): void;
  /** What an earlier process of the sweep had brought to its end. */
  restored(outcomes: readonly JobOutcome[]): void;
  started(job: ViewedJob, attempt: number): void;
  reported(num: number, report: JobReport): void;
  retried(num: number, reason: string): void;
  ended(outcome: JobOutcome): void;
  /** Text that stays, as it is. */
  print(text: string): void;
  /** A sentence for the user. */
  note(line: string): void;
  /** Leaves the screen as it should stay. */
  close(): void;
}
