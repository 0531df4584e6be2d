import type { ErrorRecord } from "./error-record.ts";
import type { JobOutcome, JobReport, JobStatus, ReportAnswer } from "./job.ts";

/** The first line of a sweep's log: how to make the sweep again. */
export interface SweepHeader {
  readonly event: "sweep";
  readonly version: 1;
  /** By chance: what another sweep left in the same folder is not taken for this one's. */
  readonly id?: string;
  /** The app's name. */
  readonly app: string;
  /** The command line's words, flags and overrides. */
  readonly argv: readonly string[];
  /** The folder of the saved run that the sweep varies; null where it composes the app's configs. */
  readonly rerun: string | null;
  /** The working directory in which the words were typed. */
  readonly cwd: string;
  /** The clock that `${now:…}` reads in every job. */
  readonly now: string;
  readonly sweeper: string;
  readonly launcher: string;
}

/** The sweeper gave a point. */
export interface ProposedEvent {
  readonly event: "proposed";
  readonly num: number;
  readonly overrides: readonly string[];
  readonly params: Readonly<Record<string, string>>;
}

/** A job was handed to the launcher. */
export interface StartedEvent {
  readonly event: "started";
  readonly num: number;
  readonly attempt: number;
  readonly id: string;
  readonly dir: string;
  readonly at: string;
}

/** A job has ended for good; the sweeper was told. Once for every job, and once more after it was reopened. */
export interface EndedEvent {
  readonly event: "ended";
  readonly num: number;
  readonly attempt: number;
  readonly status: Exclude<JobStatus, "interrupted" | "not_run">;
  readonly result: NonNullable<JobOutcome["result"]> | null;
  readonly error: ErrorRecord | null;
  readonly last_report: JobReport | null;
  readonly dir: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** What the sweeper says of the sweep as a whole; again where a resumed sweep has grown. */
export interface FactsEvent {
  readonly event: "facts";
  readonly total: number | null;
  /** Null where points are only listed. */
  readonly objectives: readonly { readonly direction: string; readonly metric: string | null }[] | null;
}

/** One line of a sweep's log. */
export type SweepEvent =
  | SweepHeader
  | FactsEvent
  | ProposedEvent
  | StartedEvent
  | EndedEvent
  | ({ readonly event: "report"; readonly num: number; readonly answer: ReportAnswer } & JobReport)
  /** An attempt failed or was lost, and another follows. */
  | {
      readonly event: "retried";
      readonly num: number;
      readonly attempt: number;
      readonly reason: string;
      /** Whether its process was gone without an outcome. */
      readonly lost: boolean;
    }
  /** A job that had failed for good is run again, because somebody asked for it. */
  | { readonly event: "reopened"; readonly num: number; readonly at: string }
  /** A job was told to stop before its end; a resumed sweep runs it again. */
  | { readonly event: "interrupted"; readonly num: number; readonly attempt: number }
  /** Another process has taken the sweep up; `argv` are its words from here on. */
  | {
      readonly event: "resumed";
      readonly argv: readonly string[];
      readonly pid: number;
      readonly host: string;
      readonly at: string;
    }
  /** The process that ran the sweep is done with it. */
  | { readonly event: "closed"; readonly status: string; readonly at: string };
