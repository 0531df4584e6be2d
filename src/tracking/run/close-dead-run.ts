import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TrackingError } from "../errors.ts";
import type { EndRecord } from "../journal/journal-record.ts";
import { JournalWriter } from "../journal/journal-writer.ts";
import { Lease, lastHeartbeat } from "../journal/lease.ts";
import { pathExists } from "../journal/path-exists.ts";
import { isJsonObject } from "../json-value.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";
import { type RunPast, readPast } from "./read-past.ts";
import { ReadableFiles } from "./readable-files.ts";

/**
 * Gives a run its end whose process died without one: killed, at its last sign of life. A run that has an end, or whose process lives,
 * is left alone. The readable files are made to agree with the journal.
 *
 * @returns whether the run was closed by this call
 */
export async function closeDeadRun(
  runDir: string,
  journalPath: string,
  onWarning: OnWarning,
): Promise<boolean> {
  const onFault = (fault: unknown) =>
    warnSafely(onWarning, asTtmError(fault, "TRACKING_DISK", "the run's files cannot be written"));
  const run = { runDir, journalPath, onFault };
  const before = await readPast(journalPath);
  if (before.start === undefined) return false;
  if (before.end !== undefined) {
    await mendReadableFiles(run, before.end);
    return false;
  }
  const heartbeat = await lastHeartbeat(`${journalPath}.lease`);
  let journal: JournalWriter;
  try {
    journal = await JournalWriter.open(journalPath, { fsync: "always", onFault });
  } catch (fault) {
    if (fault instanceof TrackingError && fault.code === "TRACKING_RUN_BUSY") return false;
    throw fault;
  }
  journal.append(endOfDead(before, heartbeat));
  journal.flush();
  // While the lease is held: nobody else writes these files now.
  if (await hasReadableFiles(run)) (await ReadableFiles.open(run)).close();
  await journal.close();
  return true;
}

function endOfDead({ lastTime }: RunPast, heartbeat: number | undefined): EndRecord {
  return {
    type: "end",
    time: Math.max(lastTime, heartbeat ?? 0),
    status: "killed",
    error: { message: "the process ended without closing the run" },
    inferred: true,
  };
}

interface RunPlaces {
  readonly runDir: string;
  readonly journalPath: string;
  readonly onFault: (fault: unknown) => void;
}

/** Whoever wrote the run's end may have died before its files agreed with it. */
async function mendReadableFiles(run: RunPlaces, end: EndRecord): Promise<void> {
  if (!(await hasReadableFiles(run)) || (await statusOnDisk(run.runDir)) === end.status) return;
  const lease = await Lease.acquire(`${run.journalPath}.lease`);
  if (!(lease instanceof Lease)) return;
  try {
    (await ReadableFiles.open(run)).close();
  } finally {
    await lease.release();
  }
}

/** A journal that a remote keeps alone has none beside it. */
async function hasReadableFiles({ runDir, journalPath }: RunPlaces): Promise<boolean> {
  return journalPath === join(runDir, "journal.jsonl") || pathExists(join(runDir, "run_summary.json"));
}

async function statusOnDisk(runDir: string): Promise<unknown> {
  try {
    const summary: unknown = JSON.parse(await readFile(join(runDir, "run_summary.json"), "utf8"));
    return isJsonObject(summary) ? summary["status"] : undefined;
  } catch {
    return undefined;
  }
}
