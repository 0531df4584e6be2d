import type { PlainValue } from "../config/index.ts";
import type { JobOutcome, PreparedJob } from "./job.ts";

/**
 * Runs jobs, one call each. The driver never has more than `slots` jobs out. A launcher gets data (the composed
 * config and the folder), and answers with an outcome: it does not reject because a task failed.
 */
export interface Launcher {
  /** How many jobs may be out at once. */
  readonly slots: number;
  /** The id that the launcher's engine gives to a job, for `hydra.job.id`. */
  jobId(num: number): string;
  launch(job: PreparedJob, signal: AbortSignal): Promise<JobOutcome>;
  /** Called once, after the last outcome. */
  close(): Promise<void>;
}

/** What a launcher is made from. */
export interface LauncherRequest {
  /** The composed and resolved `hydra.launcher` node. */
  readonly settings: ReadonlyMap<string, PlainValue>;
  /** Absolute folder of the sweep. */
  readonly sweepDir: string;
  /** Runs a job in this process. Launchers that use other processes do not call it. */
  runHere(job: PreparedJob, signal: AbortSignal): Promise<JobOutcome>;
}

export type LauncherFactory = (request: LauncherRequest) => Launcher;
