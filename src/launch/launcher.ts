import type { PlainValue } from "../config/index.ts";
import type { JobOutcome, JobReport, PreparedJob, ReportAnswer } from "./job.ts";

/** What a launcher tells while a job is out. */
export interface LaunchHooks {
  /** The job's task has begun, as far as the launcher can see. */
  onStarted?(): void;
  /** The job reported; it should go on, or stop. */
  onReport?(report: JobReport): Promise<ReportAnswer>;
}

/** A job that an earlier process of this sweep started and whose end it did not see. */
export interface StartedJob {
  readonly num: number;
  readonly id: string;
  readonly attempt: number;
  /** Absolute. */
  readonly dir: string;
}

/**
 * Runs jobs, one call each. The driver never has more than `slots` jobs out. A launcher gets data (the composed
 * config and the folder), and answers with an outcome: it does not reject because a task failed. A job whose process is gone
 * without an outcome is "failed" with a LAUNCH_JOB_LOST; the driver starts it again. It rejects with a {@link LauncherFault} where it
 * can run no job at all: the sweep is broken off, and a resumed one runs the job.
 */
export interface Launcher {
  /** How many jobs may be out at once. */
  readonly slots: number;
  /** The id that the launcher's engine gives to a job, for `hydra.job.id`. */
  jobId(num: number): string;
  launch(job: PreparedJob, signal: AbortSignal, hooks?: LaunchHooks): Promise<JobOutcome>;
  /**
   * Only of launchers whose jobs outlive the process that started them: takes a job over, waits for its end, and gives its
   * outcome; undefined where the job neither runs nor waits any more and left no outcome.
   */
  adopt?(job: StartedJob, signal: AbortSignal, hooks?: LaunchHooks): Promise<JobOutcome | undefined>;
  /**
   * Only of launchers whose jobs outlive the process that started them: ends all jobs of the sweep that an earlier process left,
   * and none else. Called on a launcher that has launched nothing, by who holds the sweep's lock.
   *
   * @throws {LauncherFault} where it is not known that they end
   */
  cancel?(): Promise<void>;
  /** Called once, after the last outcome. */
  close(): Promise<void>;
}

/** How the program that runs is started again, to run jobs: `command`, then `args`, then words such as `--run-job FOLDER`. */
export interface ProgramEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/** What a launcher is made from. */
export interface LauncherRequest {
  /** The composed and resolved `hydra.launcher` node. */
  readonly settings: ReadonlyMap<string, PlainValue>;
  /** Absolute folder of the sweep. */
  readonly sweepDir: string;
  /** Which sweep it is of those that have used the folder. */
  readonly sweepId?: string | undefined;
  readonly entry: ProgramEntry;
  /** Where job processes work; the same as this one's. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the sweeper learns from outcomes: then a job that only stands in a queue was proposed too early. */
  readonly isAdaptive?: boolean | undefined;
  /**
   * Runs a job in this process. Launchers that use other processes do not call it. It takes no lock and leaves no `outcome.json`:
   * who drives a sweep holds its folder, and the next line of its log says how the job ended.
   */
  runHere(job: PreparedJob, signal: AbortSignal, hooks?: LaunchHooks): Promise<JobOutcome>;
  /** Takes a line for the user, such as why a job waits. */
  note(line: string): void;
}

export type LauncherFactory = (request: LauncherRequest) => Launcher;
