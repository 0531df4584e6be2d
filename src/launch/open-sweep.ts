import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { thisProcess } from "../core/index.ts";
import { makeFolder } from "./claim-folder.ts";
import { lockFolder } from "./lock-folder.ts";
import type { OutputFolder } from "./output-folder.ts";
import type { SweepEvent, SweepHeader } from "./sweep-event.ts";
import { logFile, mendLog, readSweepLog, SweepLog } from "./sweep-log.ts";

/** A sweep that this process works on, and no other. */
export interface OpenedSweep {
  readonly folder: OutputFolder;
  readonly log: SweepLog;
  readonly header: SweepHeader;
  /** What earlier processes logged. */
  readonly events: readonly SweepEvent[];
  /** Closes the log and gives the folder back. */
  release(): void;
}

/** Begins a sweep in a folder that this process holds; what an older sweep logged there is gone. */
export function beginSweep(folder: OutputFolder, header: SweepHeader): OpenedSweep {
  makeFolder(folder.dir);
  rmSync(logFile(folder.dir), { force: true });
  withdrawCancel(folder.dir);
  const log = new SweepLog(folder.dir);
  log.append(header);
  return opened(folder, log, header, []);
}

/**
 * Takes up a sweep where its log ends.
 *
 * @param argv   its words from here on
 * @throws {LaunchError} LAUNCH_NO_SWEEP, LAUNCH_FOLDER_IN_USE where another process works on it
 */
export function resumeSweep(dir: string, argv: readonly string[]): OpenedSweep {
  readSweepLog(dir);
  const folder = { dir, isNew: false, release: lockFolder(dir) };
  try {
    mendLog(dir);
    const { header, events } = readSweepLog(dir);
    withdrawCancel(dir);
    const log = new SweepLog(dir);
    const { pid, host } = thisProcess();
    log.append({ event: "resumed", argv, pid, host, at: new Date().toISOString() });
    return opened(folder, log, header, events);
  } catch (error) {
    folder.release();
    throw error;
  }
}

/** Stands in the folder of a sweep that is to end: how its process hears it, on whatever machine it is. */
export function cancelFile(dir: string): string {
  return join(dir, "cancel");
}

export function isCancelled(dir: string): boolean {
  return existsSync(cancelFile(dir));
}

/**
 * Writes into the log of a sweep on which nobody works that it is cancelled.
 *
 * @throws {LaunchError} LAUNCH_NO_SWEEP, LAUNCH_FOLDER_IN_USE
 */
export function markCancelled(dir: string): void {
  const sweep = resumeSweep(dir, lastWords(dir));
  sweep.log.append({ event: "closed", status: "cancelled", at: new Date().toISOString() });
  sweep.release();
}

/** The words with which a sweep was last run. */
export function lastWords(dir: string): readonly string[] {
  const { header, events } = readSweepLog(dir);
  return events.findLast((event) => event.event === "resumed")?.argv ?? header.argv;
}

function withdrawCancel(dir: string): void {
  rmSync(cancelFile(dir), { force: true });
}

function opened(
  folder: OutputFolder,
  log: SweepLog,
  header: SweepHeader,
  events: readonly SweepEvent[],
): OpenedSweep {
  const release = () => {
    log.close();
    folder.release();
  };
  return { folder, log, header, events, release };
}
