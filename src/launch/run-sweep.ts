import { errorRecord } from "./error-record.ts";
import { type LaunchError, LauncherFault } from "./errors.ts";
import { countsAsFailed, stopReason } from "./failure-policy.ts";
import type { JobOutcome, PlannedJob } from "./job.ts";
import { JobFolders } from "./job-folders.ts";
import { isOfAllJobs, launcherFault } from "./launcher-fault.ts";
import { pointValue } from "./point-value.ts";
import { reopenFailed } from "./reopen-failed.ts";
import { noPast, type OpenPoint, replayLog, type SweepState } from "./replay-log.ts";
import { RunPoint } from "./run-point.ts";
import { SummaryWriter } from "./summary-writer.ts";
import type { EndedEvent } from "./sweep-event.ts";
import type { SweepRun } from "./sweep-run.ts";
import type { SweepSummary } from "./sweep-summary.ts";
import { sweepStatus } from "./sweep-summary.ts";

/** How many points are composed before any job starts, so that their faults show at once. */
const LOOK_AHEAD = 256;
/** But no longer than this, if there are many. */
const LOOK_AHEAD_MS = 400;

/** How a sweep ended. */
export interface SweepEnd {
  readonly summary: SweepSummary;
  /** In order of their numbers. */
  readonly outcomes: readonly JobOutcome[];
  /** Why it ended before all jobs had run, where failed jobs were the cause. */
  readonly stopped: LaunchError | undefined;
}

/**
 * Runs a sweep to its end: asks the sweeper for points, gives each a folder, hands it to the launcher, tells the
 * sweeper how it ended, and writes every step into the log before it counts. A failed job does not stop the others unless the
 * policy says so. When `signal` aborts, no further job starts, and those that did not are "not_run".
 *
 * With the events of an earlier process the sweep goes on where that one was broken off: what ended is not run again, what
 * was running is looked for.
 *
 * @throws what `plan` throws for the first points, before any job has started
 */
export async function runSweep(run: SweepRun, signal: AbortSignal): Promise<SweepEnd> {
  const driver = new SweepDriver(run, signal);
  try {
    const first = driver.planFirst();
    if (first !== undefined) await run.begin?.(first);
    await driver.drain();
  } finally {
    await run.launcher.close();
  }
  return driver.finish();
}

/** A point that waits for a slot. */
interface Waiting extends OpenPoint {
  /** The composed job or what is wrong with it, where that was done ahead. */
  readonly planned?: PlannedJob | { readonly fault: unknown };
}

class SweepDriver {
  readonly #run: SweepRun;
  readonly #state: SweepState;
  readonly #waiting: Waiting[];
  readonly #outcomes: JobOutcome[];
  readonly #out = new Set<Promise<void>>();
  readonly #folders: JobFolders;
  readonly #writer: SummaryWriter;
  /** Aborted from outside, or because too many jobs failed. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  #stopped: LaunchError | undefined;
  /** What the driver itself met, such as a full disk. */
  #fault: { readonly error: unknown } | undefined;
  #asked: number;
  #isDone = false;
  #failed = 0;
  #wake: () => void = () => {};

  constructor(run: SweepRun, signal: AbortSignal) {
    this.#run = run;
    const reopened = run.retryFailed ? reopenFailed(run.events, run.now()) : [];
    this.#state = replayLog(run.sweeper, [...run.events, ...reopened]);
    for (const event of reopened) run.log.append(event);
    const { objectives } = run;
    const { total } = run.sweeper;
    run.log.append({
      event: "facts",
      total: total ?? null,
      objectives: objectives?.map(({ direction, metric = null }) => ({ direction, metric })) ?? null,
    });
    this.#outcomes = [...this.#state.outcomes];
    this.#waiting = [...this.#state.open];
    this.#asked = this.#state.asked;
    if (this.#outcomes.length > 0) run.onRestore?.(this.#state.outcomes);
    const isFailure = (outcome: JobOutcome) => countsAsFailed(outcome, run.sweeper.objectives);
    this.#failed = this.#outcomes.filter(isFailure).length;
    this.#folders = new JobFolders(run.folder, run.events);
    this.#writer = new SummaryWriter(run, () => this.#sorted());
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** @returns the first job; undefined where there is none */
  planFirst(): PlannedJob | undefined {
    const begun = performance.now();
    const ahead = this.#run.sweeper.isAdaptive ? 1 : LOOK_AHEAD;
    for (let at = 0; at < ahead && performance.now() - begun < LOOK_AHEAD_MS; at++) {
      if (at === this.#waiting.length && !this.#ask()) break;
      const point = this.#waiting[at];
      if (point === undefined) break;
      this.#waiting[at] = { ...point, planned: this.#run.plan(point.point, point.num) };
    }
    this.#writer.write("running", null);
    const planned = this.#waiting[0]?.planned;
    if (planned !== undefined && !("fault" in planned)) return planned;
    // Where everything had ended before, what goes along with the sweep still hears of its end.
    const { first } = this.#state;
    return first && this.#run.plan(first, 0);
  }

  async drain(): Promise<void> {
    while (!this.#signal.aborted) {
      while (this.#out.size < this.#run.launcher.slots && (this.#waiting.length > 0 || this.#ask())) {
        this.#start();
        if (this.#signal.aborted) break;
      }
      if (this.#out.size === 0) break;
      this.#prepareNext();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await Promise.all(this.#out);
    if (!this.#signal.aborted && !(this.#isDone && this.#waiting.length === 0)) {
      this.#fault = { error: stalled(this.#run.launcher.slots) };
    }
    if (this.#fault === undefined) return;
    if (this.#fault.error instanceof LauncherFault)
      this.#writer.write("interrupted", this.#run.now().toISOString());
    throw this.#fault.error;
  }

  finish(): SweepEnd {
    const aborted = this.#signal.aborted;
    if (aborted) this.#dropRest();
    const status =
      this.#stopped === undefined
        ? sweepStatus(this.#outcomes, aborted, this.#run.isCancelled?.() ?? false)
        : "failed";
    const at = this.#run.now().toISOString();
    this.#run.log.append({ event: "closed", status, at });
    const summary = this.#writer.write(status, at);
    return { summary, outcomes: this.#sorted(), stopped: this.#stopped };
  }

  /** One point more among those that wait; false where the sweeper has none to give now. */
  #ask(): boolean {
    if (this.#isDone) return false;
    const point = this.#run.sweeper.next();
    this.#isDone = point === "done";
    if (typeof point === "string") return false;
    const num = this.#asked++;
    const overrides = point.overrides.map(({ text }) => text);
    this.#run.log.append({ event: "proposed", num, overrides, params: point.params });
    this.#waiting.push({ num, point, started: undefined, past: noPast });
    return true;
  }

  /** While all slots are taken there is time to compose what comes next. */
  #prepareNext(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      if (!this.#run.sweeper.isAdaptive && this.#ask()) this.#prepareNext();
      return;
    }
    if (next.planned === undefined) this.#waiting[0] = { ...next, planned: this.#plan(next) };
  }

  #plan({ point, num }: Waiting): NonNullable<Waiting["planned"]> {
    try {
      return this.#run.plan(point, num);
    } catch (fault) {
      return { fault };
    }
  }

  #start(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    const pending = this.#runPoint(next)
      .then((outcome) => this.#end(outcome))
      .catch((error: unknown) => {
        this.#fault ??= { error };
        this.#stop.abort();
      })
      .finally(() => {
        this.#out.delete(pending);
        this.#wake();
      });
    this.#out.add(pending);
  }

  async #runPoint(waiting: Waiting): Promise<JobOutcome> {
    const planned = waiting.planned ?? this.#plan(waiting);
    if ("fault" in planned) return unstarted(waiting, "failed", planned.fault);
    try {
      const { started, past } = waiting;
      const dir = started?.dir ?? this.#folders.claim(planned);
      return await new RunPoint(this.#run, { ...planned, dir, started, past }, this.#signal).run();
    } catch (fault) {
      if (fault instanceof LauncherFault || isOfAllJobs(fault)) throw launcherFault(fault);
      return unstarted(waiting, "failed", fault);
    }
  }

  #end(outcome: JobOutcome): void {
    this.#outcomes.push(outcome);
    this.#record(outcome);
    this.#run.onEnd?.(outcome);
    if (countsAsFailed(outcome, this.#run.sweeper.objectives)) this.#countFailure(outcome);
    this.#writer.writeSometimes();
  }

  /** Only what fails now stops the sweep: one that is resumed after it had stopped may finish. */
  #countFailure(outcome: JobOutcome): void {
    this.#failed += 1;
    this.#stopped ??= stopReason(this.#run.policy, outcome, {
      failed: this.#failed,
      ended: this.#outcomes.length,
      total: this.#run.sweeper.total,
    });
    if (this.#stopped !== undefined) this.#stop.abort(this.#stopped);
  }

  /** The log first, then the sweeper: what it was told is what a resumed sweep will tell it. */
  #record(outcome: JobOutcome): void {
    const { num, status, attempt = 0 } = outcome;
    if (num === null) return;
    if (status === "interrupted" || status === "not_run") {
      this.#run.log.append({ event: "interrupted", num, attempt });
      return;
    }
    const ended: EndedEvent = {
      event: "ended",
      num,
      attempt,
      status,
      result: outcome.result ?? null,
      error: outcome.error === undefined ? null : errorRecord(outcome.error),
      last_report: outcome.lastReport ?? null,
      dir: outcome.dir,
      started_at: outcome.startedAt,
      ended_at: outcome.endedAt,
    };
    this.#run.log.append(ended, this.#run);
    this.#run.sweeper.tell({ num, status, value: pointValue(outcome) });
  }

  /** What waits and what the sweeper would still have proposed, so that the summary lists it. */
  #dropRest(): void {
    for (const point of this.#waiting) this.#outcomes.push(unstarted(point, "not_run", undefined));
    this.#waiting.length = 0;
    const { sweeper } = this.#run;
    if (sweeper.total === undefined || sweeper.isAdaptive) return;
    for (let point = sweeper.next(); typeof point !== "string"; point = sweeper.next()) {
      const rest = { num: this.#asked++, point, started: undefined, past: noPast };
      this.#outcomes.push(unstarted(rest, "not_run", undefined));
    }
  }

  #sorted(): JobOutcome[] {
    return this.#outcomes.toSorted((a, b) => (a.num ?? 0) - (b.num ?? 0));
  }
}

/** Why nothing runs though the sweep is not done: it must not look completed. */
function stalled(slots: number): LauncherFault {
  const where = slots > 0 ? "hydra.sweeper" : "hydra.launcher";
  const what =
    slots > 0 ? "the sweeper waits for jobs that do not run" : "the launcher has no place for even one job";
  return new LauncherFault("LAUNCH_STALLED", what, { where, fix: `look at the settings of ${where}` });
}

function unstarted({ num, point }: Waiting, status: "failed" | "not_run", error: unknown): JobOutcome {
  return {
    num,
    overrides: point.overrides.map(({ text }) => text),
    params: point.params,
    dir: null,
    status,
    result: undefined,
    error,
    startedAt: null,
    endedAt: null,
    attempt: 0,
  };
}
