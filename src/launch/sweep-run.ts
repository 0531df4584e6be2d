import type { Objective, Sweeper, SweepPoint } from "../sweep/index.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import type { JobOutcome, JobReport, PlannedJob } from "./job.ts";
import type { Launcher } from "./launcher.ts";
import type { OutputFolder } from "./output-folder.ts";
import type { SweepEvent } from "./sweep-event.ts";
import type { SweepLog } from "./sweep-log.ts";

/** What a sweep is run with. */
export interface SweepRun {
  readonly sweeper: Sweeper;
  readonly launcher: Launcher;
  readonly folder: OutputFolder;
  /** The sweep's override words as typed. */
  readonly overrides: readonly string[];
  /** Has its header already. */
  readonly log: SweepLog;
  /** What an earlier process of this sweep has logged; empty for a new one. */
  readonly events: readonly SweepEvent[];
  /** When its first process began, in ISO form. */
  readonly startedAt: string;
  /** By which jobs are compared; undefined where nothing is better than something else. */
  readonly objectives: readonly Objective[] | undefined;
  readonly policy: FailurePolicy;
  /** Whether each start and each end is on the disk before it counts, so that not even the death of the machine takes it. */
  readonly sync?: boolean;
  /** Whether jobs that failed for good are run again, where the sweep is resumed. */
  readonly retryFailed?: boolean;
  /** Composes a point and checks it; throws what is wrong with it. */
  plan(point: SweepPoint, num: number): PlannedJob;
  now(): Date;
  /** Whether somebody asked for the end of the sweep, rather than of this process. */
  isCancelled?(): boolean;
  /** Called once, when the first points are composed and before any of them starts. */
  begin?(first: PlannedJob): Promise<void>;
  /** Called once with what ended in earlier processes, where there were any. */
  onRestore?(outcomes: readonly JobOutcome[]): void;
  onStart?(job: PlannedJob, attempt: number): void;
  onReport?(num: number, report: JobReport): void;
  onRetry?(num: number, reason: string): void;
  onEnd?(outcome: JobOutcome): void;
}
