import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { folderError, isCode, makeFolder } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";

const lockName = ".run.lock";

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/**
 * Takes a folder that the user named: made if need be, used again if it is there, but never by two live runs at once.
 * A lock whose process is gone (on this machine) is taken over.
 *
 * @returns what gives the folder back
 * @throws {LaunchError} LAUNCH_FOLDER_IN_USE, LAUNCH_FOLDER
 */
export function lockFolder(path: string): () => void {
  makeFolder(path);
  const file = join(path, lockName);
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() });
  for (let attempt = 0; attempt < 2; attempt++) {
    if (wroteNew(file, mine)) return () => releaseLock(file, mine);
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder)) throw inUse(path, holder);
    rmSync(file, { force: true });
  }
  throw inUse(path, readHolder(file));
}

function wroteNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (cause) {
    if (isCode(cause, "EEXIST")) return false;
    throw folderError(file, cause);
  }
}

function releaseLock(file: string, mine: string): void {
  if (readText(file) === mine) rmSync(file, { force: true });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** undefined for a lock that is gone or was cut off while it was written. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readText(file) ?? "") as Holder;
  } catch {
    return undefined;
  }
}

/** A process on another machine cannot be asked and counts as alive. */
function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

function inUse(path: string, holder: Holder | undefined): LaunchError {
  const who =
    holder === undefined ? "another run" : `process ${holder.pid} on ${holder.host}, since ${holder.since}`;
  return new LaunchError("LAUNCH_FOLDER_IN_USE", `another run writes to this folder (${who})`, {
    where: path,
    fix: `wait for it, choose another folder, or delete ${join(path, lockName)} if that run is gone`,
  });
}
