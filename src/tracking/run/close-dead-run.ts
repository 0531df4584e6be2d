import { join } from "node:path";
import { TrackingError } from "../errors.ts";
import type { EndRecord } from "../journal/journal-record.ts";
import { JournalWriter } from "../journal/journal-writer.ts";
import { lastHeartbeat } from "../journal/lease.ts";
import { pathExists } from "../journal/path-exists.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";
import { readPast } from "./read-past.ts";
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
  const before = await readPast(journalPath);
  if (before.start === undefined || before.end !== undefined) return false;
  const heartbeat = await lastHeartbeat(`${journalPath}.lease`);
  const onFault = (fault: unknown) =>
    warnSafely(onWarning, asTtmError(fault, "TRACKING_DISK", "the run's files cannot be written"));
  let journal: JournalWriter;
  try {
    journal = await JournalWriter.open(journalPath, { fsync: "always", onFault });
  } catch (fault) {
    if (fault instanceof TrackingError && fault.code === "TRACKING_RUN_BUSY") return false;
    throw fault;
  }
  const record: EndRecord = {
    type: "end",
    time: Math.max(before.lastTime, heartbeat ?? 0),
    status: "killed",
    error: { message: "the process ended without closing the run" },
    inferred: true,
  };
  journal.append(record);
  await journal.close();
  if (await pathExists(join(runDir, "run_summary.json")))
    (await ReadableFiles.open({ runDir, journalPath, onFault })).close();
  return true;
}
