import { join, resolve } from "node:path";
import type { Sweeper, SweepPoint } from "../sweep/index.ts";
import { claimFolder, makeFolder } from "./claim-folder.ts";
import { hydraText } from "./hydra-settings.ts";
import type { JobOutcome, PlannedJob } from "./job.ts";
import type { Launcher } from "./launcher.ts";
import type { OutputFolder } from "./output-folder.ts";
import { prepareJob, writeText } from "./prepare-job.ts";
import type { SweepSummary } from "./sweep-summary.ts";
import { summaryJob, summaryText, sweepStatus } from "./sweep-summary.ts";

/** How many points are composed ahead, so that their faults show before any job has run. */
const lookAhead = 256;

/** `sweep.json` is rewritten at most this often while jobs run, and never for more than a twentieth of the time. */
const summaryIntervalMs = 1000;
const summaryShare = 20;

export interface SweepRun {
  readonly sweeper: Sweeper;
  readonly launcher: Launcher;
  readonly folder: OutputFolder;
  /** The sweep's override words as typed. */
  readonly overrides: readonly string[];
  /** Composes a point and checks it; throws what is wrong with it. */
  plan(point: SweepPoint, num: number): PlannedJob;
  now(): Date;
  /** Called once, when the first points are composed and before any of them starts. */
  begin?(first: PlannedJob): Promise<void>;
  onStart?(job: PlannedJob): void;
  onEnd?(outcome: JobOutcome): void;
}

interface QueuedPoint {
  readonly num: number;
  readonly point: SweepPoint;
  /** The composed job, or what is wrong with it. */
  readonly planned: PlannedJob | { readonly fault: unknown };
}

/**
 * Runs a sweep to its end: asks the sweeper for points, gives each a folder, hands it to the launcher, tells the
 * sweeper how it ended, and keeps `sweep.json` up to date. A failed job does not stop the others. When `signal`
 * aborts, no further job starts, and those that did not are "not_run".
 *
 * @throws what `plan` throws for the first points, before any job has started
 */
export async function runSweep(
  run: SweepRun,
  signal: AbortSignal,
): Promise<SweepSummary & { outcomes: readonly JobOutcome[] }> {
  const driver = new SweepDriver(run, signal);
  const first = driver.planFirst();
  try {
    if (first !== undefined) await run.begin?.(first);
    await driver.drain();
  } finally {
    await run.launcher.close();
  }
  return driver.finish();
}

class SweepDriver {
  readonly #run: SweepRun;
  readonly #signal: AbortSignal;
  readonly #queue: QueuedPoint[] = [];
  readonly #outcomes: JobOutcome[] = [];
  readonly #out = new Set<Promise<void>>();
  readonly #takenDirs = new Set<string>();
  readonly #startedAt: string;
  #asked = 0;
  #nextWrite = 0;

  constructor(run: SweepRun, signal: AbortSignal) {
    this.#run = run;
    this.#signal = signal;
    this.#startedAt = run.now().toISOString();
  }

  /** @returns the first job; undefined where there is none */
  planFirst(): PlannedJob | undefined {
    this.#fill();
    const jobs = this.#queue.map(({ planned }) => {
      if ("fault" in planned) throw planned.fault;
      return planned;
    });
    this.#writeSummary("running", null);
    return jobs[0];
  }

  async drain(): Promise<void> {
    while (!this.#signal.aborted) {
      if (this.#queue.length === 0) this.#fill();
      while (this.#queue.length > 0 && this.#out.size < this.#run.launcher.slots) this.#start();
      if (this.#out.size === 0) break;
      await Promise.race(this.#out);
    }
    await Promise.all(this.#out);
  }

  finish(): SweepSummary & { outcomes: readonly JobOutcome[] } {
    if (this.#signal.aborted) this.#dropRest();
    const summary = this.#writeSummary(
      sweepStatus(this.#outcomes, this.#signal.aborted),
      this.#run.now().toISOString(),
    );
    return { ...summary, outcomes: this.#sorted() };
  }

  #fill(): void {
    while (this.#queue.length < lookAhead) {
      const point = this.#run.sweeper.next();
      if (point === "wait" || point === "done") return;
      const num = this.#asked++;
      this.#queue.push({ num, point, planned: this.#plan(point, num) });
    }
  }

  #plan(point: SweepPoint, num: number): QueuedPoint["planned"] {
    try {
      return this.#run.plan(point, num);
    } catch (fault) {
      return { fault };
    }
  }

  #start(): void {
    const queued = this.#queue.shift();
    if (queued === undefined) return;
    const pending = this.#runPoint(queued).then((outcome) => {
      this.#out.delete(pending);
      this.#end(outcome);
    });
    this.#out.add(pending);
  }

  async #runPoint({ num, point, planned }: QueuedPoint): Promise<JobOutcome> {
    if ("fault" in planned) return unstarted(num, point, "failed", planned.fault);
    try {
      this.#run.onStart?.(planned);
      const id = this.#run.launcher.jobId(num);
      const job = prepareJob(planned, { outputDir: this.#jobFolder(planned, num), id });
      return await this.#run.launcher.launch(job, this.#signal);
    } catch (fault) {
      return unstarted(num, point, "failed", fault);
    }
  }

  /** Two jobs never share a folder: where `hydra.sweep.subdir` gives the same name twice, the second gets `…-1`. */
  #jobFolder(planned: PlannedJob, num: number): string {
    const { dir, isNew } = this.#run.folder;
    const named = resolve(dir, hydraText(planned.composition, "sweep.subdir") ?? "");
    const path = named === dir ? join(dir, String(num)) : named;
    if (isNew || this.#takenDirs.has(path)) return claimFolder(path);
    this.#takenDirs.add(path);
    makeFolder(path);
    return path;
  }

  #end(outcome: JobOutcome): void {
    this.#outcomes.push(outcome);
    this.#run.sweeper.tell({
      num: outcome.num ?? 0,
      status: outcome.status === "completed" ? "completed" : "failed",
      value: outcome.result,
    });
    this.#run.onEnd?.(outcome);
    if (performance.now() >= this.#nextWrite) this.#writeSummary("running", null);
  }

  /** What is queued and what the sweeper would still have proposed, so that the summary lists it. */
  #dropRest(): void {
    for (;;) {
      if (this.#queue.length === 0 && this.#run.sweeper.total !== undefined) this.#queueUnplanned();
      const dropped = this.#queue.shift();
      if (dropped === undefined) return;
      this.#outcomes.push(unstarted(dropped.num, dropped.point, "not_run", undefined));
      this.#run.sweeper.tell({ num: dropped.num, status: "not_run" });
    }
  }

  #queueUnplanned(): void {
    const point = this.#run.sweeper.next();
    if (point === "wait" || point === "done") return;
    this.#queue.push({ num: this.#asked++, point, planned: { fault: undefined } });
  }

  #sorted(): JobOutcome[] {
    return this.#outcomes.toSorted((a, b) => (a.num ?? 0) - (b.num ?? 0));
  }

  #writeSummary(status: SweepSummary["status"], endedAt: string | null): SweepSummary {
    const begun = performance.now();
    const summary: SweepSummary = {
      status,
      dir: this.#run.folder.dir,
      overrides: this.#run.overrides,
      started_at: this.#startedAt,
      ended_at: endedAt,
      total: this.#run.sweeper.total ?? null,
      jobs: this.#sorted().map(summaryJob),
    };
    writeText(join(this.#run.folder.dir, "sweep.json"), summaryText(summary));
    const now = performance.now();
    this.#nextWrite = now + Math.max(summaryIntervalMs, summaryShare * (now - begun));
    return summary;
  }
}

function unstarted(num: number, point: SweepPoint, status: "failed" | "not_run", error: unknown): JobOutcome {
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
  };
}
