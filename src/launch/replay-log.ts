import type { Sweeper, SweepPoint } from "../sweep/index.ts";
import { errorFromRecord } from "./error-record.ts";
import { LaunchError } from "./errors.ts";
import type { JobOutcome } from "./job.ts";
import type { StartedJob } from "./launcher.ts";
import { pointValue } from "./point-value.ts";
import type { EndedEvent, ProposedEvent, SweepEvent } from "./sweep-event.ts";

/** A point without an end. */
export interface OpenPoint {
  readonly num: number;
  readonly point: SweepPoint;
  /** Its last attempt that was started, where there was one. */
  readonly started: StartedJob | undefined;
}

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
  const outcomes: JobOutcome[] = [];
  const open = new Map<number, OpenPoint>();
  let asked = 0;
  let first: SweepPoint | undefined;
  for (const event of events) {
    if (event.event === "proposed") {
      asked += 1;
      const point = nextPoint(sweeper, event);
      first ??= point;
      open.set(event.num, { num: event.num, point, started: undefined });
    } else if (event.event === "report") sweeper.report?.(event.num, event);
    const point = "num" in event ? open.get(event.num) : undefined;
    if (point === undefined) continue;
    if (event.event === "started") open.set(event.num, { ...point, started: event });
    if (event.event !== "ended") continue;
    const { overrides, params } = point.point;
    const outcome = outcomeOfEvent(event, { overrides: overrides.map(({ text }) => text), params });
    sweeper.tell({ num: event.num, status: event.status, value: pointValue(outcome) });
    outcomes.push(outcome);
    open.delete(event.num);
  }
  return { outcomes, open: [...open.values()], asked, first };
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
