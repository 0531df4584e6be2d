import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { isHeld } from "../journal/lease.ts";
import { isJsonObject, type JsonValue } from "../json-value.ts";
import type { MetricText } from "../metric-value.ts";
import type { FoundRun } from "../run/find-runs.ts";
import { readPast } from "../run/read-past.ts";

/** What can be said of a run in a word; filters, columns and JSON use these names. */
export interface RunView {
  readonly run_id: string | null;
  readonly name: string;
  readonly experiment: string | null;
  /** `running`, `completed`, `failed`, `killed`; `dead` where the process is gone without a word: `ttm sync` closes the run. */
  readonly status: string;
  readonly folder: string;
  readonly parent_run_id: string | null;
  /** ISO 8601. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly seconds: number | null;
  /** Last value of each. */
  readonly metrics: Readonly<Record<string, JsonValue>>;
  /** Dotted names. */
  readonly params: Readonly<Record<string, JsonValue>>;
  readonly tags: Readonly<Record<string, JsonValue>>;
  readonly error: JsonValue;
}

/** Reads a run from its journal, or from the readable files of one that has ended, which say the same and are short. */
export async function readRunView(run: FoundRun): Promise<RunView> {
  return (await viewOfFiles(run)) ?? (await viewOfJournal(run));
}

async function viewOfFiles({ runDir, journalPath }: FoundRun): Promise<RunView | undefined> {
  const path = join(runDir, "run_summary.json");
  const summary = await readObject(path);
  if (summary === undefined || summary["status"] === "running") return undefined;
  // Files that are older than the journal were written before it went on.
  if ((await changedAt(path)) + 5_000 < (await changedAt(journalPath))) return undefined;
  const params = (await readObject(join(runDir, "params.json"))) ?? {};
  const { run_id, run_name, experiment_name, parent_run_id, status, started_at, ended_at } = summary;
  return {
    run_id: textOr(run_id, null),
    name: textOr(run_name, basename(runDir)),
    experiment: textOr(experiment_name, null),
    status: String(status),
    folder: runDir,
    parent_run_id: textOr(parent_run_id, null),
    started_at: textOr(started_at, null),
    ended_at: textOr(ended_at, null),
    seconds: secondsBetween(started_at, ended_at),
    metrics: isJsonObject(summary["metrics"]) ? summary["metrics"] : {},
    params,
    tags: isJsonObject(summary["tags"]) ? summary["tags"] : {},
    error: summary["error"] ?? null,
  };
}

async function viewOfJournal({ runDir, journalPath }: FoundRun): Promise<RunView> {
  const past = await readPast(journalPath);
  const { start, end, latest, params, tags } = past;
  const alive = end === undefined && (await isHeld(`${journalPath}.lease`));
  const summary =
    isJsonObject(end?.summary) && isJsonObject(end.summary["metrics"]) ? end.summary["metrics"] : {};
  const started = start === undefined ? null : new Date(start.time).toISOString();
  const ended = end === undefined ? null : new Date(end.time).toISOString();
  const last = new Date(past.lastTime).toISOString();
  return {
    run_id: start?.run_id ?? null,
    name: start?.run_name ?? basename(runDir),
    experiment: start?.experiment ?? null,
    status: end?.status ?? (alive ? "running" : "dead"),
    folder: runDir,
    parent_run_id: start?.parent_run_id ?? null,
    started_at: started,
    ended_at: ended,
    seconds: secondsBetween(started, ended ?? last),
    metrics: { ...latest, ...summary } satisfies Record<string, JsonValue | MetricText>,
    params,
    tags,
    error: end?.error === undefined ? null : { ...end.error },
  };
}

function textOr<Other>(value: JsonValue | undefined, other: Other): string | Other {
  return typeof value === "string" ? value : other;
}

function secondsBetween(from: unknown, to: unknown): number | null {
  const seconds = (Date.parse(String(to)) - Date.parse(String(from))) / 1_000;
  return Number.isFinite(seconds) ? seconds : null;
}

async function readObject(path: string): Promise<Record<string, JsonValue> | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function changedAt(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
