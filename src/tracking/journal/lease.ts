import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { isRunning, type ProcessIdentity, thisProcess } from "../../core/index.ts";
import { isJsonObject } from "../json-value.ts";

/** The holder touches its file this often. */
const HEARTBEAT_MILLISECONDS = 5_000;
/** A holder on another machine that was silent for so long is taken for dead. */
const SILENT_MILLISECONDS = 60_000;

/** Others may be faster in taking a dead holder's place, but not for ever. */
const TRIES = 10;

const held = new Set<string>();

interface Holder extends ProcessIdentity {
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
    const mine: Holder = { ...thisProcess(), token };
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
    return silent < 1_000 ? { pid: 0, host: "unknown", kernel: "", born: "", token: "" } : undefined;
  const isOurs = holder.pid === process.pid && holder.kernel === thisProcess().kernel;
  const isAlive = isOurs ? held.has(holder.token) : (isRunning(holder) ?? silent < SILENT_MILLISECONDS);
  return isAlive ? holder : undefined;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const { pid, host, kernel = "", born, token } = value;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    return { pid, host, kernel: String(kernel), born: String(born), token: String(token) };
  } catch {
    return undefined;
  }
}
