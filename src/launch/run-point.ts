import { setTimeout as wait } from "node:timers/promises";
import { lockHolder, TtmError } from "../core/index.ts";
import { dropOutcome } from "./drop-outcome.ts";
import { isLost, retryReason } from "./failure-policy.ts";
import type { JobOutcome, JobReport, PlannedJob, ReportAnswer } from "./job.ts";
import type { LaunchHooks, StartedJob } from "./launcher.ts";
import { launcherFault } from "./launcher-fault.ts";
import { isFinal, readOutcome } from "./outcome-file.ts";
import { prepareJob } from "./prepare-job.ts";
import type { PointPast } from "./replay-log.ts";
import { jobLockFile } from "./run-job-once.ts";
import type { SweepRun } from "./sweep-run.ts";

/** How often a job that another process still runs is looked at. */
const LOOK_MS = 100;

/** A job with its folder and, in a resumed sweep, its last start and what came before. */
export interface PlacedPoint extends PlannedJob {
  readonly dir: string;
  readonly started: StartedJob | undefined;
  readonly past: PointPast;
}

/** One job of a sweep from its first start, or from where an earlier process left it, to its end: all of its attempts. */
export class RunPoint {
  readonly #run: SweepRun;
  readonly #job: PlacedPoint;
  readonly #num: number;
  readonly #signal: AbortSignal;
  readonly #tried: { failed: number; lost: number };
  #heard: PointPast["heard"];

  constructor(run: SweepRun, job: PlacedPoint, signal: AbortSignal) {
    this.#run = run;
    this.#job = job;
    this.#num = job.num ?? 0;
    this.#signal = signal;
    this.#tried = { ...job.past.tried };
    this.#heard = job.past.heard;
  }

  /** @throws {LauncherFault} where the launcher can run no job, or the sweep's folder takes no file */
  async run(): Promise<JobOutcome> {
    const { started, past } = this.#job;
    let attempt = (started?.attempt ?? 0) + 1;
    let outcome = started && !past.isReopened ? await this.#findEnd(started) : undefined;
    for (;;) {
      outcome ??= await this.#attempt(attempt++);
      // A launcher's engine may have started the job several times.
      attempt = Math.max(attempt, (outcome.attempt ?? 0) + 1);
      const reason = this.#signal.aborted ? undefined : retryReason(this.#run.policy, outcome, this.#tried);
      if (reason === undefined) return outcome;
      const lost = isLost(outcome);
      this.#tried[lost ? "lost" : "failed"] += 1;
      this.#run.log.append({ event: "retried", num: this.#num, attempt: outcome.attempt ?? 0, reason, lost });
      this.#run.onRetry?.(this.#num, reason);
      outcome = undefined;
    }
  }

  async #attempt(attempt: number): Promise<JobOutcome> {
    const { dir, started: _, past: __, ...planned } = this.#job;
    // Nothing begins any more; a resumed sweep runs it.
    if (this.#signal.aborted) return this.#interrupted(attempt - 1);
    const standing = attempt > 1 ? dropOutcome(dir, this.#job.sweep?.id) : undefined;
    if (standing !== undefined) return standing;
    const id = this.#run.launcher.jobId(this.#num);
    const job = prepareJob(planned, { outputDir: dir, id, attempt });
    const at = this.#run.now().toISOString();
    this.#run.log.append({ event: "started", num: this.#num, attempt, id, dir, at }, this.#run);
    this.#run.onStart?.(planned, attempt);
    const outcome = await this.#run.launcher
      .launch(job, this.#signal, this.#hooks())
      .catch((error: unknown) => Promise.reject(launcherFault(error)));
    if (!isRunningElsewhere(outcome)) return outcome;
    return (await this.#waitForHolder(dir, attempt)) ?? this.#attempt(attempt);
  }

  #interrupted(attempt: number): JobOutcome {
    const { num, overrides, sweep, dir } = this.#job;
    return {
      num,
      overrides,
      params: sweep?.params ?? {},
      dir,
      status: "interrupted",
      result: undefined,
      error: this.#signal.reason,
      startedAt: null,
      endedAt: null,
      attempt,
    };
  }

  /** How an attempt of an earlier process ended; undefined where it did not, and the job has to be started again. */
  async #findEnd(started: StartedJob): Promise<JobOutcome | undefined> {
    const adopted = await this.#run.launcher
      .adopt?.(started, this.#signal, this.#hooks())
      .catch((error: unknown) => Promise.reject(launcherFault(error)));
    // The launcher was not told the job's words.
    if (adopted !== undefined)
      return { ...adopted, overrides: this.#job.overrides, params: this.#job.sweep?.params ?? {} };
    return this.#waitForHolder(started.dir, started.attempt);
  }

  /** A process of a driver that died ends soon; until then nobody else may work in its folder. */
  async #waitForHolder(dir: string, attempt: number): Promise<JobOutcome | undefined> {
    while (lockHolder(jobLockFile(dir)) !== undefined && !this.#signal.aborted) await wait(LOOK_MS);
    const outcome = readOutcome(dir, this.#job.sweep?.id);
    if (outcome === undefined || outcome.status === "interrupted") return undefined;
    return isFinal(outcome) || (outcome.attempt ?? 0) >= attempt ? outcome : undefined;
  }

  #hooks(): LaunchHooks {
    return { onReport: async (report) => this.#report(report) };
  }

  /** What an earlier attempt, or an earlier process, has heard already is not news; and whoever was told to stop is to stop. */
  #report(report: JobReport): ReportAnswer {
    if (report.step <= this.#heard.step) return this.#heard.answer;
    const { sweeper, log } = this.#run;
    const said = sweeper.report?.(this.#num, report) ?? "continue";
    const answer = this.#heard.answer === "stop" ? "stop" : said;
    log.append({ event: "report", num: this.#num, step: report.step, value: report.value, answer });
    this.#heard = { step: report.step, answer };
    this.#run.onReport?.(this.#num, report);
    return answer;
  }
}

function isRunningElsewhere({ error }: JobOutcome): boolean {
  return error instanceof TtmError && error.code === "LAUNCH_JOB_RUNNING";
}
