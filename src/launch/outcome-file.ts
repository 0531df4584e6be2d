import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorRecord, errorFromRecord, errorRecord } from "./error-record.ts";
import type { JobOutcome } from "./job.ts";
import { toJson, withNumbers } from "./json-numbers.ts";
import { type WriteOptions, writeText } from "./write-text.ts";

/** The file in a job's folder that says how the job ended. It is there, whole, or the job has not ended. */
export const outcomeName = "outcome.json";

interface OutcomeFile {
  /** The id of the job's sweep. */
  readonly sweep?: string | null;
  readonly num: number | null;
  readonly attempt: number;
  readonly status: JobOutcome["status"];
  readonly result: NonNullable<JobOutcome["result"]> | null;
  readonly error: ErrorRecord | null;
  readonly last_report: JobOutcome["lastReport"] | null;
  readonly overrides: readonly string[];
  readonly params: Readonly<Record<string, string>>;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

export interface OutcomeOptions extends WriteOptions {
  /** The id of the job's sweep. */
  readonly sweepId?: string | undefined;
}

/**
 * Writes how a job ended, in one step. A job that has completed stays so: a later attempt's outcome is dropped.
 *
 * @returns the outcome that counts
 */
export function writeOutcome(
  folder: string,
  outcome: JobOutcome,
  { sweepId, sync = false }: OutcomeOptions = {},
): JobOutcome {
  const before = readOutcome(folder, sweepId);
  if (before !== undefined && isFinal(before)) return before;
  const file: OutcomeFile = {
    sweep: sweepId ?? null,
    num: outcome.num,
    attempt: outcome.attempt ?? 1,
    status: outcome.status,
    result: outcome.result ?? null,
    error: outcome.error === undefined ? null : errorRecord(outcome.error),
    last_report: outcome.lastReport ?? null,
    overrides: outcome.overrides,
    params: outcome.params,
    started_at: outcome.startedAt,
    ended_at: outcome.endedAt,
  };
  writeText(join(folder, outcomeName), `${toJson(file)}\n`, { sync });
  return outcome;
}

/**
 * How the job of a folder ended; undefined where it has not, or not in good order.
 *
 * @param sweepId  of the job's sweep: what a job of another sweep left in the folder is none
 */
export function readOutcome(folder: string, sweepId?: string): JobOutcome | undefined {
  const path = join(folder, outcomeName);
  if (!existsSync(path)) return undefined;
  const file = parse(readFileSync(path, "utf8"));
  if (file === undefined || isOfOther(file.sweep, sweepId)) return undefined;
  return {
    num: file.num,
    attempt: file.attempt,
    overrides: file.overrides,
    params: file.params,
    dir: folder,
    status: file.status,
    result: withNumbers(file.result ?? undefined),
    error: file.error === null ? undefined : errorFromRecord(file.error),
    startedAt: file.started_at,
    endedAt: file.ended_at,
    ...(file.last_report ? { lastReport: withNumbers(file.last_report) } : {}),
  };
}

/** Whether a file's sweep is another than that of who reads it; where one of them does not say, it is not. */
export function isOfOther(sweepOfFile: string | null | undefined, sweepId: string | undefined): boolean {
  return typeof sweepOfFile === "string" && sweepId !== undefined && sweepOfFile !== sweepId;
}

/** Whether an outcome stands whatever comes later. */
export function isFinal({ status }: Pick<JobOutcome, "status">): boolean {
  return status === "completed" || status === "pruned";
}

function parse(text: string): OutcomeFile | undefined {
  try {
    return JSON.parse(text) as OutcomeFile;
  } catch {
    return undefined;
  }
}
