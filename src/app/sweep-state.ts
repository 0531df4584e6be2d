import { type LockHolder, thisProcess } from "../core/index.ts";
import type { JobOutcome, SweepEvent } from "../launch/index.ts";
import { folderHolder, readSweepLog } from "../launch/index.ts";
import { type BestJob, bestJob } from "./best-job.ts";
import { LoggedSweepReader } from "./logged-sweep.ts";
import type { SweepFacts } from "./sweep-view.ts";

/** A job that was started and has not ended. */
export interface OpenJob {
  readonly num: number;
  readonly overrides: readonly string[];
  readonly attempt: number;
  readonly dir: string;
  readonly startedAt: string;
}

/** A sweep as its folder tells it. */
export interface SweepState {
  readonly facts: SweepFacts;
  /** "broken off": the process that ran it is gone without a word. */
  readonly state: "running" | "broken off" | "completed" | "failed" | "interrupted" | "cancelled";
  /** The process that works on it. */
  readonly holder: LockHolder | undefined;
  readonly outcomes: readonly JobOutcome[];
  readonly running: readonly OpenJob[];
  readonly best: BestJob | undefined;
}

/** @throws {LaunchError} LAUNCH_NO_SWEEP */
export function readSweepState(dir: string): SweepState {
  // First who holds it: a sweep that ends in between has then its last word in the log.
  const holder = folderHolder(dir);
  const { events } = readSweepLog(dir);
  const reader = new LoggedSweepReader(dir);
  const outcomes = new Map<number, JobOutcome>();
  const running = new Map<number, OpenJob>();
  const words = new Map<number, readonly string[]>();
  for (const event of events) {
    reader.read(event, undefined);
    if (event.event === "proposed") words.set(event.num, event.overrides);
    if (event.event === "started") {
      const { num, attempt, dir: folder, at } = event;
      running.set(num, { num, attempt, dir: folder, startedAt: at, overrides: words.get(num) ?? [] });
    }
    if (event.event === "ended" || event.event === "interrupted") running.delete(event.num);
    if (event.event === "ended") outcomes.set(event.num, reader.outcome(event));
    if (event.event === "reopened") outcomes.delete(event.num);
  }
  const { facts } = reader;
  const best = bestJob([...outcomes.values()], facts.objectives);
  return {
    facts,
    state: stateOf(holder, events.at(-1)),
    holder,
    outcomes: [...outcomes.values()],
    running: [...running.values()],
    best,
  };
}

/** Whether this process can send signals to the holder of a sweep. */
export function isReachable({ kernel }: LockHolder): boolean {
  return kernel === thisProcess().kernel;
}

function stateOf(holder: LockHolder | undefined, last: SweepEvent | undefined): SweepState["state"] {
  if (holder !== undefined) return "running";
  return last?.event === "closed" ? (last.status as SweepState["state"]) : "broken off";
}
