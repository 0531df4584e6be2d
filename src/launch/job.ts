import type { Composition } from "../config/index.ts";

/** What a task may return: an objective, several named values, or nothing. Anything JSON can hold. */
export type JobResult = number | Readonly<Record<string, unknown>> | undefined;

export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** What a job knows of the sweep that it belongs to. */
export interface JobSweep {
  /** The sweep's folder, absolute. */
  readonly dir: string;
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
}

/** What a task is handed beside its config. */
export interface JobContext extends PreparedJob {
  /** Aborted on Ctrl-C or a termination signal: stop soon, and leave things tidy. */
  readonly signal: AbortSignal;
  /** Whether `--json` was given: print one object to standard output and nothing else. */
  readonly json: boolean;
  /** A line for the job's log file and, where `hydra.job_logging` has a console, for standard error. */
  log(line: string, level?: LogLevel): void;
  /** Text for standard output, as it is. */
  print(text: string): void;
}

export type JobTask = (context: JobContext) => Promise<JobResult> | JobResult;

export type JobStatus = "completed" | "failed" | "interrupted" | "not_run";

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
}
