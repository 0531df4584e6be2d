import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TrackingError } from "./errors.ts";
import type { FollowerReport } from "./follower.ts";
import { readJournal } from "./journal/read-journal.ts";
import { readState } from "./mlflow/follower-state.ts";
import { type SyncRunOptions, syncRun } from "./mlflow/sync-run.ts";
import { closeDeadRun } from "./run/close-dead-run.ts";
import { journalOf } from "./run/find-runs.ts";
import { syncWandb } from "./wandb/sync-wandb.ts";
import { readWandbState } from "./wandb/wandb-state.ts";
import { printWarning } from "./warnings.ts";

export interface SyncRemotesOptions extends SyncRunOptions {
  /** An MLflow server that the run goes to, whether it has been sent there before or not. */
  readonly uri?: string;
}

/**
 * Brings every remote that a run was recorded for up to its journal; can be repeated at any time, also while the run goes on. A run whose
 * process has died without an end is closed first.
 *
 * @throws {TtmError} TRACKING_JOURNAL_MISSING where the folder is no run's, MLFLOW_URI, MLFLOW_SETTING
 */
export async function syncRemotes(
  runDir: string,
  options: SyncRemotesOptions = {},
): Promise<readonly FollowerReport[]> {
  const folder = resolve(runDir);
  const journalPath = await journalOf(folder);
  if (journalPath === undefined) {
    throw new TrackingError("TRACKING_JOURNAL_MISSING", "there is no run with a journal here", {
      where: runDir,
      fix: "give the folder of a run: it holds journal.jsonl",
    });
  }
  if (!(await hasBegun(journalPath))) return [];
  const onWarning = options.onWarning ?? printWarning;
  await closeDeadRun(folder, journalPath, onWarning);
  const uris = new Set([
    ...(await knownServers(folder)),
    ...(options.uri === undefined ? [] : [options.uri]),
  ]);
  const reports: FollowerReport[] = [];
  for (const uri of uris) reports.push(await syncRun(folder, uri, options));
  if ((await readWandbState(folder)) !== undefined) reports.push(await syncWandb(folder, onWarning));
  return reports;
}

/** A process may have died before its run began: then there is nothing to send. */
async function hasBegun(journalPath: string): Promise<boolean> {
  for await (const { record } of readJournal(journalPath)) if (record.type === "start") return true;
  return false;
}

/** The MLflow servers that any of the runs has been sent to. */
export async function serversOf(runDirs: readonly string[]): Promise<string[]> {
  const lists = await Promise.all([...new Set(runDirs)].map(knownServers));
  return [...new Set(lists.flat())];
}

/** The servers that the run has been sent to, from what its followers noted. */
async function knownServers(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, ".ttm")).catch(() => []);
  const states = await Promise.all(
    names
      .filter((name) => name.startsWith("mlflow-"))
      .sort()
      .map((name) => readState(join(folder, ".ttm", name, "state.json"))),
  );
  return states.flatMap((state) => (state === undefined ? [] : [state.uri.replace(/\/+$/, "")]));
}
