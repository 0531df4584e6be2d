import { TtmError } from "../core/index.ts";
import type { JobOutcome, JobStatus } from "./job.ts";
import { toJson } from "./json-numbers.ts";
import { isFinal } from "./outcome-file.ts";

/** One job in `sweep.json`. */
export interface SweepSummaryJob {
  readonly num: number | null;
  readonly overrides: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  /** Absolute; null where the job never got a folder. */
  readonly dir: string | null;
  readonly status: JobStatus;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** How often it was started. */
  readonly attempts: number;
}

/** What `sweep.json` holds: the whole sweep, rewritten as jobs end. */
export interface SweepSummary {
  readonly status: "running" | "completed" | "failed" | "interrupted" | "cancelled";
  readonly dir: string;
  /** The sweep's override words as typed. */
  readonly overrides: readonly string[];
  readonly started_at: string;
  readonly ended_at: string | null;
  /** How many jobs there will be, where the sweeper knows. */
  readonly total: number | null;
  readonly jobs: readonly SweepSummaryJob[];
}

export function summaryJob(outcome: JobOutcome): SweepSummaryJob {
  return {
    num: outcome.num,
    overrides: outcome.overrides,
    params: outcome.params,
    dir: outcome.dir,
    status: outcome.status,
    result: outcome.result ?? null,
    error: outcome.error === undefined ? null : summaryError(outcome.error),
    started_at: outcome.startedAt,
    ended_at: outcome.endedAt,
    attempts: outcome.attempt ?? 1,
  };
}

function summaryError(error: unknown): { code: string; message: string } {
  if (error instanceof TtmError) return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: error.name, message: error.message };
  return { code: "Error", message: String(error) };
}

/** The whole sweep's status from its jobs'. */
export function sweepStatus(
  outcomes: readonly JobOutcome[],
  aborted: boolean,
  cancelled: boolean,
): SweepSummary["status"] {
  if (aborted) return cancelled ? "cancelled" : "interrupted";
  return outcomes.every(isFinal) ? "completed" : "failed";
}

/** The text of `sweep.json`. */
export function summaryText(summary: SweepSummary): string {
  return `${summaryJson(summary)}\n`;
}

/** Any result as `sweep.json` and `--json` have it: indented, with words for the numbers that JSON lacks. */
export function summaryJson(value: unknown): string {
  return toJson(value, 2);
}
