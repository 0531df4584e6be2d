import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { isRunning, type ProcessIdentity, thisProcess } from "./process-identity.ts";

/** Who has a lock. */
export interface LockHolder extends ProcessIdentity {
  /** When it was taken, in ISO form. */
  readonly since: string;
  /** Unique for each time that a lock is taken. */
  readonly token: string;
}

/** A lock that this process has. */
export interface FileLock {
  readonly file: string;
  release(): void;
}

/** A holder touches its file this often, for those who cannot ask its kernel. */
const HEARTBEAT_MS = 5_000;
/** One that cannot be asked and was silent for so long is taken for dead. */
const SILENT_MS = 60_000;
/** A file without a holder is one that somebody on a file system without links is about to write. */
const UNWRITTEN_MS = 1_000;

const TRIES = 20;

const held = new Map<string, LockHolder>();

/**
 * Takes a lock: a small file that names its holder. It falls free when its holder dies, however that was, and of any number of
 * processes that find a dead holder's file one gets it. Works between processes of one machine and, by heartbeats, between
 * machines and containers that share a file system.
 *
 * @param file  in a folder that exists
 * @returns the lock, or who has it
 * @throws what the file system answers, such as EACCES
 */
export function takeLock(file: string): FileLock | LockHolder {
  const mine: LockHolder = { ...thisProcess(), since: new Date().toISOString(), token: randomUUID() };
  for (let tries = 0; tries < TRIES; tries++) {
    if (createWith(file, mine)) return holding(file, mine);
    const found = readLock(file);
    if (found === undefined) continue;
    if (found === "unwritten") return unknownHolder;
    if (isHolding(file, found)) return found;
    // Only who holds the lock on taking over from this very holder may remove its file, and looks again before.
    const takeOver = takeLock(`${file}.${found.token}`);
    if (!isFileLock(takeOver)) return takeOver;
    if (readToken(file) === found.token) removeFile(file);
    takeOver.release();
  }
  return unknownHolder;
}

export function isFileLock(answer: FileLock | LockHolder): answer is FileLock {
  return "release" in answer;
}

/** The live holder of a lock; undefined where it is free. */
export function lockHolder(file: string): LockHolder | undefined {
  const found = readLock(file);
  if (found === undefined) return undefined;
  if (found === "unwritten") return unknownHolder;
  return isHolding(file, found) ? found : undefined;
}

const unknownHolder: LockHolder = {
  pid: 0,
  host: "a machine that cannot be told",
  kernel: "",
  born: "",
  since: "a moment ago",
  token: "",
};

function holding(file: string, mine: LockHolder): FileLock {
  held.set(mine.token, mine);
  const heartbeat = setInterval(() => touch(file), HEARTBEAT_MS).unref();
  return {
    file,
    release() {
      clearInterval(heartbeat);
      if (!held.delete(mine.token)) return;
      if (readToken(file) === mine.token) removeFile(file);
    },
  };
}

function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // The folder is gone, or the disk: nothing that a lock could mend.
  }
}

function isHolding(file: string, holder: LockHolder): boolean {
  if (holder.pid <= 0) return false;
  if (holder.pid === process.pid && holder.kernel === thisProcess().kernel) return held.has(holder.token);
  return isRunning(holder) ?? ageOf(file) < SILENT_MS;
}

/** Makes the file with all that is in it, or not at all: a link is made in one step, and only where the name is free. */
function createWith(file: string, holder: LockHolder): boolean {
  const text = JSON.stringify(holder);
  const draft = `${file}.${holder.token}.new`;
  try {
    writeFileSync(draft, text, { flag: "wx" });
    linkSync(draft, file);
    return true;
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "";
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw fault;
    return createPlainly(file, text);
  } finally {
    removeFile(draft);
  }
}

function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It is gone, or was never made.
  }
}

function createPlainly(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx" });
    return true;
  } catch (fault) {
    if (fault instanceof Error && "code" in fault && fault.code === "EEXIST") return false;
    throw fault;
  }
}

/** undefined where there is no file. A file that was cut off names nobody, and is free once it is old. */
function readLock(file: string): LockHolder | "unwritten" | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  const holder = parseHolder(text);
  if (holder !== undefined) return holder;
  if (ageOf(file) < UNWRITTEN_MS && text === "") return "unwritten";
  return { ...unknownHolder, kernel: thisProcess().kernel, pid: -1, token: "cut-off" };
}

function readToken(file: string): string | undefined {
  const found = readLock(file);
  return found === "unwritten" ? undefined : found?.token;
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, host, kernel = "", born = "", since = "", token = "" } = JSON.parse(text);
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    return {
      pid,
      host,
      kernel: String(kernel),
      born: String(born),
      since: String(since),
      token: String(token),
    };
  } catch {
    return undefined;
  }
}

function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
