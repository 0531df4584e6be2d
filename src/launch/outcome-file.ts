import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type ErrorRecord, errorFromRecord, errorRecord } from "./error-record.ts";
import type { JobOutcome } from "./job.ts";
import { toJson, withNumbers } from "./json-numbers.ts";
import { writeText } from "./write-text.ts";

/** The file in a job's folder that says how the job ended. It is there, whole, or the job has not ended. */
const outcomeName = "outcome.json";

interface OutcomeFile {
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

/**
 * Writes how a job ended, in one step. A job that has completed stays so: a later attempt's outcome is dropped.
 *
 * @returns the outcome that counts
 */
export function writeOutcome(folder: string, outcome: JobOutcome): JobOutcome {
  const before = readOutcome(folder);
  if (before !== undefined && isFinal(before)) return before;
  const file: OutcomeFile = {
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
  writeText(join(folder, outcomeName), `${toJson(file)}\n`);
  return outcome;
}

/** How the job of a folder ended; undefined where it has not, or not in good order. */
export function readOutcome(folder: string): JobOutcome | undefined {
  const path = join(folder, outcomeName);
  if (!existsSync(path)) return undefined;
  const file = parse(readFileSync(path, "utf8"));
  if (file === undefined) return undefined;
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

/** Takes away the outcome of an attempt after which another one begins. */
export function dropOutcome(folder: string): void {
  rmSync(join(folder, outcomeName), { force: true });
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
