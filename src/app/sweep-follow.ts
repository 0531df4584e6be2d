import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { JobOutcome, SweepEvent } from "../launch/index.ts";
import {
  folderHolder,
  interruptedExitCode,
  isFinal,
  logFile,
  parseLine,
  readSweepLog,
  withInterrupts,
} from "../launch/index.ts";
import { closingText } from "./closing-text.ts";
import type { CommandApp } from "./commands.ts";
import { LoggedSweepReader } from "./logged-sweep.ts";
import { plainView } from "./plain-view.ts";
import { readSweepState } from "./sweep-state.ts";
import { type SweepVerb, sweepUsage } from "./sweep-verb.ts";
import type { SweepView } from "./sweep-view.ts";

const LOOK_MS = 300;

/** `sweep follow DIR`: shows a sweep as if it ran here, until it ends; Ctrl-C leaves it alone. */
export const sweepFollowVerb: SweepVerb = {
  usage: "follow DIR",
  async run(app, dir, words) {
    if (words.length > 0) throw sweepUsage(app, sweepFollowVerb, ["follow", dir, ...words]);
    readSweepLog(dir);
    const { terminal, stderr } = app.host;
    const view =
      terminal === undefined ? plainView(stderr) : new (await import("./live-view.ts")).LiveView(terminal);
    const isEnded = await withInterrupts((signal) => follow(dir, view, signal)).finally(() => view.close());
    return isEnded ? printEnd(app, dir) : interruptedExitCode;
  },
};

/** @returns false where the user had enough */
async function follow(dir: string, view: SweepView, signal: AbortSignal): Promise<boolean> {
  const reader = new LoggedSweepReader(dir);
  const tail = new LogTail(dir);
  try {
    const past = tail.read();
    for (const event of past) reader.read(event, undefined);
    view.begin(reader.facts);
    showPast(past, reader, view);
    while (!signal.aborted) {
      const isHeld = folderHolder(dir) !== undefined;
      for (const event of tail.read()) reader.read(event, view);
      if (!isHeld) return true;
      await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  } finally {
    tail.close();
  }
}

/** What had ended, as one thing; then what still runs. */
function showPast(events: readonly SweepEvent[], reader: LoggedSweepReader, view: SweepView): void {
  const ended = new Map<number, JobOutcome>();
  for (const event of events) {
    if (event.event === "ended") ended.set(event.num, reader.outcome(event));
    if (event.event === "reopened") ended.delete(event.num);
  }
  if (ended.size > 0) view.restored([...ended.values()]);
  for (const event of events) {
    if ((event.event === "started" || event.event === "report") && !ended.has(event.num))
      reader.read(event, view);
  }
}

function printEnd({ host, options }: CommandApp, dir: string): number {
  const { state, outcomes, facts } = readSweepState(dir);
  const sorted = outcomes.toSorted((a, b) => (a.num ?? 0) - (b.num ?? 0));
  host.stderr(closingText(sorted, { app: options.name, dir, objectives: facts.objectives, cwd: host.cwd }));
  host.stderr(`the sweep is ${state}\n`);
  return state === "completed" && outcomes.every(isFinal) ? 0 : 1;
}

/** The lines that are appended to a sweep's log. */
class LogTail {
  readonly #descriptor: number;
  #at = 0;
  #rest = "";

  constructor(dir: string) {
    this.#descriptor = openSync(logFile(dir), "r");
  }

  /** What is new since the last time; a line that is being written comes the next time. */
  read(): SweepEvent[] {
    const size = fstatSync(this.#descriptor).size - this.#at;
    if (size <= 0) return [];
    const bytes = Buffer.alloc(size);
    this.#at += readSync(this.#descriptor, bytes, 0, size, this.#at);
    const lines = `${this.#rest}${bytes.toString("utf8")}`.split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => parseLine(line) ?? []);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
