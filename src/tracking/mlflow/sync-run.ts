import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Dispatcher } from "undici";
import { TrackingError } from "../errors.ts";
import type { FollowerReport } from "../follower.ts";
import { closeDeadRun } from "../run/close-dead-run.ts";
import { type OnWarning, printWarning } from "../warnings.ts";
import { readConnectionSettings } from "./connection-settings.ts";
import { readState, remoteFolder } from "./follower-state.ts";
import { MlflowFollower } from "./mlflow-follower.ts";

export interface SyncRunOptions {
  readonly onWarning?: OnWarning;
  /** How long to try, in seconds; ten minutes when left out. */
  readonly deadlineSeconds?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly dispatcher?: Dispatcher;
  /** Uniform in [0, 1): the jitter of the waits between tries; `Math.random` when left out. */
  readonly random?: () => number;
}

const DEFAULT_SYNC_SECONDS = 600;

/**
 * Sends what an MLflow server lacks of a run, from the run's journal; can be repeated at any time. A run whose process has died without
 * an end is closed first, as killed, at the time of its last sign of life. While another process is sending the same run to the same
 * server, nothing is sent twice: the report says what is pending.
 *
 * @param runDir  the folder of the run, of any tracker that keeps a journal
 * @param uri     the tracking URI
 * @throws {TtmError} TRACKING_JOURNAL_MISSING, MLFLOW_URI, MLFLOW_SETTING
 */
export async function syncRun(
  runDir: string,
  uri: string,
  options: SyncRunOptions = {},
): Promise<FollowerReport> {
  const folder = resolve(runDir);
  const settings = readConnectionSettings(uri, options.env ?? process.env);
  const journalPath = await findJournal(folder, settings.base);
  const onWarning = options.onWarning ?? printWarning;
  await closeDeadRun(folder, journalPath, onWarning);
  const follower = new MlflowFollower({
    settings,
    run: { runDir: folder, journalPath },
    onWarning,
    deadlineMilliseconds: 1_000 * (options.deadlineSeconds ?? DEFAULT_SYNC_SECONDS),
    dispatcher: options.dispatcher,
    random: options.random,
  });
  return follower.finish();
}

/** The journal that this server was fed from before, else the run's own. */
async function findJournal(folder: string, base: string): Promise<string> {
  const remote = remoteFolder(folder, base);
  const state = await readState(join(remote, "state.json"));
  const candidates = [
    ...(state === undefined ? [] : [join(folder, state.journal)]),
    join(folder, "journal.jsonl"),
    join(remote, "journal.jsonl"),
  ];
  for (const path of candidates) {
    if (await isFile(path)) return path;
  }
  throw new TrackingError("TRACKING_JOURNAL_MISSING", "there is no run with a journal here", {
    where: folder,
    fix: "give the folder of a run: it holds journal.jsonl",
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
