import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { folderError } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";
import { toJson, withNumbers } from "./json-numbers.ts";
import type { SweepEvent, SweepHeader } from "./sweep-event.ts";
import { writeAll } from "./write-all.ts";

/** The file in a sweep's folder that is the sweep's memory: one event a line, only ever appended to. */
const logName = "sweep.jsonl";

/** The log of a sweep, open for this process; its caller holds the folder's lock. */
export class SweepLog {
  readonly #file: string;
  readonly #descriptor: number;

  /** @throws {LaunchError} LAUNCH_FOLDER */
  constructor(dir: string) {
    this.#file = logFile(dir);
    try {
      this.#descriptor = openSync(this.#file, "a");
    } catch (cause) {
      throw folderError(this.#file, cause);
    }
  }

  /**
   * Each event is one line, written whole, so that a process that dies leaves at most its last line torn.
   *
   * @param sync  whether it also survives that the machine dies at once
   */
  append(event: SweepEvent, { sync = false }: { readonly sync?: boolean } = {}): void {
    try {
      writeAll(this.#descriptor, Buffer.from(`${toJson(event)}\n`));
      if (sync) fdatasyncSync(this.#descriptor);
    } catch (cause) {
      throw folderError(this.#file, cause);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** What a log says. */
export interface LoggedSweep {
  readonly header: SweepHeader;
  /** All events after the header. */
  readonly events: readonly SweepEvent[];
}

export function logFile(dir: string): string {
  return join(dir, logName);
}

/**
 * Reads the log of a sweep's folder. A last line that was torn is left out.
 *
 * @throws {LaunchError} LAUNCH_NO_SWEEP where there is none, or it is damaged elsewhere than at its end
 */
export function readSweepLog(dir: string): LoggedSweep {
  const file = logFile(dir);
  if (!existsSync(file)) throw noSweep(dir, `'${dir}' is not the folder of a sweep: it has no ${logName}`);
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  const events = lines.map((line, index) => parseLine(line) ?? damaged(file, index));
  const [header, ...rest] = events;
  if (header?.event !== "sweep") throw noSweep(file, "the log does not say what sweep it is of");
  return { header, events: rest };
}

/** Cuts a torn last line off, so that the next event begins a line. Only for who holds the folder's lock. */
export function mendLog(dir: string): void {
  const bytes = readFileSync(logFile(dir));
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(logFile(dir), whole);
}

/** One event; undefined where the line holds none. */
export function parseLine(line: string): SweepEvent | undefined {
  try {
    return revived(JSON.parse(line) as SweepEvent);
  } catch {
    return undefined;
  }
}

function revived(event: SweepEvent): SweepEvent {
  if (event.event === "report") return { ...event, value: withNumbers(event.value) };
  if (event.event !== "ended") return event;
  return { ...event, result: withNumbers(event.result), last_report: withNumbers(event.last_report) };
}

function damaged(file: string, index: number): never {
  throw noSweep(`${file}:${index + 1}`, "a line of the sweep's log is damaged");
}

function noSweep(where: string, what: string): LaunchError {
  return new LaunchError("LAUNCH_NO_SWEEP", what, {
    where,
    fix: "name the folder that the sweep printed when it began, such as multirun/2026-01-31/12-00-00",
  });
}
