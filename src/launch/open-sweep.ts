import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { thisProcess } from "../core/index.ts";
import { makeFolder } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";
import { lockFolder } from "./lock-folder.ts";
import type { OutputFolder } from "./output-folder.ts";
import type { SweepEvent, SweepHeader } from "./sweep-event.ts";
import { logFile, mendLog, readSweepLog, SweepLog } from "./sweep-log.ts";
import { writeText } from "./write-text.ts";

/** How a sweep is closed on which nobody has to go on. */
const finished: readonly string[] = ["completed", "failed", "cancelled"];

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

/**
 * Begins a sweep in a folder that this process holds; what an older sweep that is finished logged there is gone.
 *
 * @throws {LaunchError} LAUNCH_UNFINISHED where the older one is not: its jobs may even still run
 */
export function beginSweep(folder: OutputFolder, header: SweepHeader): OpenedSweep {
  makeFolder(folder.dir);
  checkFinished(folder.dir);
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
export function resumeSweep(
  dir: string,
  argv: readonly string[],
  { isHandedOn = false }: ResumeOptions = {},
): OpenedSweep {
  readSweepLog(dir);
  const folder = { dir, isNew: false, release: lockFolder(dir) };
  try {
    mendLog(dir);
    const { header, events } = readSweepLog(dir);
    if (!isHandedOn) withdrawCancel(dir);
    const log = new SweepLog(dir);
    const { pid, host } = thisProcess();
    log.append({ event: "resumed", argv, pid, host, at: new Date().toISOString() });
    return opened(folder, log, header, events);
  } catch (error) {
    folder.release();
    throw error;
  }
}

export interface ResumeOptions {
  /** Another process has just opened the sweep for this one: a cancellation since then is meant for this process. */
  readonly isHandedOn?: boolean;
}

/** Stands in the folder of a sweep that is to end: how its process hears it, on whatever machine it is. */
export function cancelFile(dir: string): string {
  return join(dir, "cancel");
}

export function isCancelled(dir: string): boolean {
  return existsSync(cancelFile(dir));
}

/**
 * Cancels a sweep on which nobody works, and writes so into its log. Who was about to work on it finds the cancellation, too.
 *
 * @param endJobs  ends the jobs that its process left; the sweep is not cancelled where it throws
 * @throws {LaunchError} LAUNCH_NO_SWEEP, LAUNCH_FOLDER_IN_USE
 */
export async function cancelSweep(
  dir: string,
  endJobs: (header: SweepHeader) => Promise<void>,
): Promise<void> {
  const sweep = resumeSweep(dir, lastWords(dir));
  try {
    await endJobs(sweep.header);
    const at = new Date().toISOString();
    writeText(cancelFile(dir), `asked for at ${at}\n`);
    sweep.log.append({ event: "closed", status: "cancelled", at });
  } finally {
    sweep.release();
  }
}

/** The words with which a sweep was last run. */
export function lastWords(dir: string): readonly string[] {
  const { header, events } = readSweepLog(dir);
  return events.findLast((event) => event.event === "resumed")?.argv ?? header.argv;
}

/** A log that cannot be read, or in which nothing was started, is no loss. */
function checkFinished(dir: string): void {
  const events = readEvents(dir);
  const last = events.at(-1);
  const isFinished = last?.event === "closed" && finished.includes(last.status);
  if (isFinished || !events.some(({ event }) => event === "started")) return;
  throw new LaunchError("LAUNCH_UNFINISHED", "the folder holds a sweep that is not finished", {
    where: dir,
    fix: `--multirun --resume ${dir} goes on with it; sweep cancel ${dir} ends it; or name another hydra.sweep.dir=`,
  });
}

function readEvents(dir: string): readonly SweepEvent[] {
  try {
    return existsSync(logFile(dir)) ? readSweepLog(dir).events : [];
  } catch {
    return [];
  }
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
