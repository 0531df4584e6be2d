import type { Composition } from "../config/index.ts";

/** What a task may return: an objective, several named values, or nothing. Anything JSON can hold. */
export type JobResult = number | Readonly<Record<string, unknown>> | undefined;

export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** What a job knows of the sweep that it belongs to. */
export interface JobSweep {
  /** The sweep's folder, absolute. */
  readonly dir: string;
  /** Which sweep it is of those that have used the folder. */
  readonly id?: string | undefined;
  /** How many jobs there will be, where the sweeper knows. */
  readonly count: number | undefined;
  /** The swept keys with this job's values, as text: `{"training.learning_rate": "0.001"}`. */
  readonly params: Readonly<Record<string, string>>;
}

/** A composed job, ready for a folder. Plain data: a launcher may send it to another machine. */
export interface PlannedJob {
  /** Running number in the sweep, from 0; null in a single run. */
  readonly num: number | null;
  /** `hydra.job.name`; also the log file's name. */
  readonly jobName: string;
  readonly mode: "RUN" | "MULTIRUN";
  /** The task's override words (no `hydra.…`), as they stand in overrides.yaml. */
  readonly overrides: readonly string[];
  readonly composition: Composition;
  readonly sweep: JobSweep | undefined;
}

/** A job with its folder; `.hydra/*.yaml` are already written there. */
export interface PreparedJob extends PlannedJob {
  /** Given by the launcher; the basic one uses the number as text. null in a single run. */
  readonly id: string | null;
  /** Absolute; nobody else's. */
  readonly outputDir: string;
  /** The task's config as in `.hydra/config.yaml`: interpolations stay text. */
  readonly configYaml: string;
  /** How often the job was started, this time included: 1, or more after it was lost, failed or broken off. */
  readonly attempt: number;
}

/** An intermediate value of a job, such as an epoch's validation loss. */
export interface JobReport {
  readonly step: number;
  readonly value: number;
}

/** "stop": the sweep has seen enough of this job, which should end now and return what it has. */
export type ReportAnswer = "continue" | "stop";

/** What a task is handed beside its config. */
export interface JobContext extends PreparedJob {
  /** Aborted on Ctrl-C or a termination signal: stop soon, and leave things tidy. */
  readonly signal: AbortSignal;
  /** Whether `--json` was given: print one object to standard output and nothing else. */
  readonly json: boolean;
  /** An earlier attempt worked in this folder: go on from the checkpoint that it left, where there is one. */
  readonly resume: boolean;
  /** A line for the job's log file and, where `hydra.job_logging` has a console, for standard error. */
  log(line: string, level?: LogLevel): void;
  /** Text for standard output, as it is. */
  print(text: string): void;
  /**
   * Tells the sweep an intermediate value. Where the answer is "stop", end soon and return: the job counts as pruned,
   * with the last value that it reported.
   *
   * @param step  how far the job is, in whatever unit; growing
   */
  report(value: number, step: number): Promise<ReportAnswer>;
}

export type JobTask = (context: JobContext) => Promise<JobResult> | JobResult;

/** `pruned`: stopped because a report was answered "stop". */
export type JobStatus = "completed" | "pruned" | "failed" | "interrupted" | "not_run";

/** How a job ended. */
export interface JobOutcome {
  readonly num: number | null;
  readonly overrides: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  /** Absolute; null where the job never got a folder. */
  readonly dir: string | null;
  readonly status: JobStatus;
  readonly result: JobResult;
  /** What the task threw, or what kept the job from starting. */
  readonly error: unknown;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** 0 where it never started. */
  readonly attempt?: number;
  /** What the task reported last. */
  readonly lastReport?: JobReport | undefined;
}
