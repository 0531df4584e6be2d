import { TtmError } from "../core/index.ts";
import type { JobOutcome, JobStatus } from "./job.ts";

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
}

/** What `sweep.json` holds: the whole sweep, rewritten as jobs end. */
export interface SweepSummary {
  readonly status: "running" | "completed" | "failed" | "interrupted";
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
  };
}

function summaryError(error: unknown): { code: string; message: string } {
  if (error instanceof TtmError) return { code: error.code, message: error.message };
  if (error instanceof Error) return { code: error.name, message: error.message };
  return { code: "Error", message: String(error) };
}

/** The whole sweep's status from its jobs'. */
export function sweepStatus(outcomes: readonly JobOutcome[], aborted: boolean): SweepSummary["status"] {
  if (aborted) return "interrupted";
  return outcomes.every(({ status }) => status === "completed") ? "completed" : "failed";
}

/** The text of `sweep.json`. */
export function summaryText(summary: SweepSummary): string {
  return `${summaryJson(summary)}\n`;
}

/** JSON text; not-a-number and the infinities, which JSON lacks, become the texts "NaN", "Infinity", "-Infinity". */
export function summaryJson(value: unknown): string {
  const replace = (_key: string, item: unknown) => {
    if (typeof item === "bigint") return Number(item);
    return typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  };
  return JSON.stringify(value ?? null, replace, 2);
}
