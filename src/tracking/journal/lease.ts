import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { isJsonObject } from "../json-value.ts";

/** The holder touches its file this often. */
const HEARTBEAT_MILLISECONDS = 5_000;
/** A holder on another machine that was silent for so long is taken for dead. */
const SILENT_MILLISECONDS = 60_000;

/** Others may be faster in taking a dead holder's place, but not for ever. */
const TRIES = 10;

const held = new Set<string>();

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start of the process in kernel ticks, so that a pid used again is not taken for the holder. */
  readonly born: string;
  readonly token: string;
}

/** The right to write one file, held by one process: a small file beside it, with a heartbeat. It falls free when its holder dies; its file then says when that was. */
export class Lease {
  readonly path: string;
  readonly #token: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(path: string, token: string) {
    this.path = path;
    this.#token = token;
    this.#heartbeat = setInterval(() => this.#touch(), HEARTBEAT_MILLISECONDS).unref();
  }

  /** The lease, or the pid and host of the live process that has it. */
  static async acquire(path: string): Promise<Lease | { pid: number; host: string }> {
    const token = randomUUID();
    const mine: Holder = { pid: process.pid, host: hostname(), born: birthOf(process.pid), token };
    for (let tries = 0; tries < TRIES; tries++) {
      if (await createExclusively(path, JSON.stringify(mine))) {
        held.add(token);
        return new Lease(path, token);
      }
      const holder = await liveHolder(path);
      if (holder !== undefined) return { pid: holder.pid, host: holder.host };
      await removeStale(path);
    }
    return { pid: 0, host: "a machine that cannot be told" };
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    held.delete(this.#token);
    await rm(this.path, { force: true });
  }

  #touch(): void {
    const now = new Date();
    utimes(this.path, now, now).catch(() => undefined);
  }
}

/** Whether a live process holds the lease. */
export async function isHeld(path: string): Promise<boolean> {
  return (await liveHolder(path)) !== undefined;
}

/** When the holder of a lease, alive or dead, last gave a sign, in milliseconds since 1970. */
export async function lastHeartbeat(path: string): Promise<number | undefined> {
  try {
    return Math.round((await stat(path)).mtimeMs);
  } catch {
    return undefined;
  }
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (fault) {
    if (fault instanceof Error && "code" in fault && fault.code === "EEXIST") return false;
    throw fault;
  }
}

/** Moves a dead holder's file away first: of two processes that find it, one succeeds and the other looks again. */
async function removeStale(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch {
    // Another process was faster.
  }
}

async function liveHolder(path: string): Promise<Holder | undefined> {
  let holder: Holder | undefined;
  let silent: number;
  try {
    holder = parseHolder(await readFile(path, "utf8"));
    silent = Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
  // A file that is still empty was made a moment ago by somebody who is about to write it.
  if (holder === undefined)
    return silent < 1_000 ? { pid: 0, host: "unknown", born: "", token: "" } : undefined;
  if (holder.host !== hostname()) return silent < SILENT_MILLISECONDS ? holder : undefined;
  if (holder.pid === process.pid) return held.has(holder.token) ? holder : undefined;
  return isAlive(holder) ? holder : undefined;
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (fault) {
    if (!(fault instanceof Error && "code" in fault && fault.code === "EPERM")) return false;
  }
  return birthOf(holder.pid) === holder.born;
}

/** Field 22 of Linux' /proc/PID/stat; empty on other systems, where the pid alone has to do. */
function birthOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { pid, host, born, token } = value;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    return { pid, host, born: String(born), token: String(token) };
  } catch {
    return undefined;
  }
}
