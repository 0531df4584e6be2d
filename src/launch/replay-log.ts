import type { Sweeper, SweepPoint } from "../sweep/index.ts";
import { errorFromRecord } from "./error-record.ts";
import { LaunchError } from "./errors.ts";
import type { JobOutcome, ReportAnswer } from "./job.ts";
import type { StartedJob } from "./launcher.ts";
import { pointValue } from "./point-value.ts";
import type { EndedEvent, ProposedEvent, SweepEvent } from "./sweep-event.ts";

/** A point without an end. */
export interface OpenPoint {
  readonly num: number;
  readonly point: SweepPoint;
  /** Its last attempt that was started, where there was one. */
  readonly started: StartedJob | undefined;
  readonly past: PointPast;
}

/** What a point's attempts have come to. */
export interface PointPast {
  /** How often it was tried again, by how the attempt before had ended. */
  readonly tried: { readonly failed: number; readonly lost: number };
  /** The furthest step that was reported, and whether the job was told to stop: then it is, whoever runs it. */
  readonly heard: { readonly step: number; readonly answer: ReportAnswer };
  /** It had failed for good, and is run again all the same. */
  readonly isReopened: boolean;
}

export const noPast: PointPast = {
  tried: { failed: 0, lost: 0 },
  heard: { step: Number.NEGATIVE_INFINITY, answer: "continue" },
  isReopened: false,
};

/** Where a sweep stands by its log. */
export interface SweepState {
  /** The jobs that ended, in the order in which they did. */
  readonly outcomes: readonly JobOutcome[];
  readonly open: readonly OpenPoint[];
  /** How many points were asked for. */
  readonly asked: number;
  /** The first of them. */
  readonly first: SweepPoint | undefined;
}

/**
 * Repeats a log's calls to a sweeper that was just made, so that it knows all that the one before it knew.
 *
 * @throws {LaunchError} LAUNCH_OTHER_SWEEP where the sweeper proposes other points than the log has
 */
export function replayLog(sweeper: Sweeper, events: readonly SweepEvent[]): SweepState {
  const replay = new Replay(sweeper);
  for (const event of events) replay.read(event);
  return replay;
}

class Replay implements SweepState {
  readonly #sweeper: Sweeper;
  readonly #points: OpenPoint[] = [];
  /** In the order in which they ended. */
  readonly #ended = new Map<number, JobOutcome>();

  constructor(sweeper: Sweeper) {
    this.#sweeper = sweeper;
  }

  get outcomes(): readonly JobOutcome[] {
    return [...this.#ended.values()];
  }

  get open(): readonly OpenPoint[] {
    return this.#points.filter(({ num }) => !this.#ended.has(num));
  }

  get asked(): number {
    return this.#points.length;
  }

  get first(): SweepPoint | undefined {
    return this.#points[0]?.point;
  }

  read(event: SweepEvent): void {
    if (event.event === "proposed") {
      const { num } = event;
      this.#points[num] = { num, point: nextPoint(this.#sweeper, event), started: undefined, past: noPast };
    }
    if (event.event === "report") this.#sweeper.report?.(event.num, event);
    const point = "num" in event ? this.#points[event.num] : undefined;
    if (point === undefined) return;
    const { past } = point;
    if (event.event === "started") this.#points[point.num] = { ...point, started: event };
    else if (event.event === "retried") this.#setPast(point, { tried: triedAgain(past.tried, event) });
    else if (event.event === "report") this.#setPast(point, { heard: event });
    else if (event.event === "reopened") this.#reopen(point);
    else if (event.event === "ended") this.#end(point, event);
  }

  #setPast(point: OpenPoint, change: Partial<PointPast>): void {
    this.#points[point.num] = { ...point, past: { ...point.past, ...change } };
  }

  #reopen(point: OpenPoint): void {
    this.#ended.delete(point.num);
    this.#setPast(point, { tried: noPast.tried, isReopened: true });
  }

  #end({ point }: OpenPoint, event: EndedEvent): void {
    const { overrides, params } = point;
    const outcome = outcomeOfEvent(event, { overrides: overrides.map(({ text }) => text), params });
    this.#sweeper.tell({ num: event.num, status: event.status, value: pointValue(outcome) });
    this.#ended.set(event.num, outcome);
  }
}

function triedAgain(tried: PointPast["tried"], { lost }: { readonly lost: boolean }): PointPast["tried"] {
  return lost ? { ...tried, lost: tried.lost + 1 } : { ...tried, failed: tried.failed + 1 };
}

function nextPoint(sweeper: Sweeper, { num, overrides }: ProposedEvent): SweepPoint {
  const point = sweeper.next();
  if (typeof point === "string") throw otherSweep(num, overrides, `no job ('${point}')`);
  const words = point.overrides.map(({ text }) => text);
  if (words.join("\n") !== overrides.join("\n")) throw otherSweep(num, overrides, words.join(" "));
  return point;
}

/** The outcome that an event records, of a job with these words. */
export function outcomeOfEvent(
  event: EndedEvent,
  { overrides, params }: Pick<JobOutcome, "overrides" | "params">,
): JobOutcome {
  return {
    num: event.num,
    overrides,
    params,
    dir: event.dir,
    status: event.status,
    result: event.result ?? undefined,
    error: event.error === null ? undefined : errorFromRecord(event.error),
    startedAt: event.started_at,
    endedAt: event.ended_at,
    attempt: event.attempt,
    ...(event.last_report === null ? {} : { lastReport: event.last_report }),
  };
}

function otherSweep(num: number, logged: readonly string[], got: string): LaunchError {
  return new LaunchError("LAUNCH_OTHER_SWEEP", "these words make another sweep than the one in this folder", {
    where: { text: `job #${num}`, detail: [`then: ${logged.join(" ")}`, `now:  ${got}`] },
    fix: "resume with words that only add trials or change how jobs are run; for other values begin a new sweep",
  });
}
