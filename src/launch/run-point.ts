import { setTimeout as wait } from "node:timers/promises";
import { lockHolder, TtmError } from "../core/index.ts";
import { isLost, retryReason } from "./failure-policy.ts";
import type { JobOutcome, JobReport, PlannedJob, ReportAnswer } from "./job.ts";
import type { LaunchHooks, StartedJob } from "./launcher.ts";
import { dropOutcome, isFinal, readOutcome } from "./outcome-file.ts";
import { prepareJob } from "./prepare-job.ts";
import { jobLockFile } from "./run-job-once.ts";
import type { SweepRun } from "./sweep-run.ts";

/** How often a job that another process still runs is looked at. */
const LOOK_MS = 100;

/** A job with its folder and, in a resumed sweep, its last start. */
export interface PlacedPoint extends PlannedJob {
  readonly dir: string;
  readonly started: StartedJob | undefined;
}

/** One job of a sweep from its first start, or from where an earlier process left it, to its end: all of its attempts. */
export class RunPoint {
  readonly #run: SweepRun;
  readonly #job: PlacedPoint;
  readonly #num: number;
  readonly #signal: AbortSignal;
  readonly #tried = { failed: 0, lost: 0 };

  constructor(run: SweepRun, job: PlacedPoint, signal: AbortSignal) {
    this.#run = run;
    this.#job = job;
    this.#num = job.num ?? 0;
    this.#signal = signal;
  }

  async run(): Promise<JobOutcome> {
    const { started } = this.#job;
    let attempt = (started?.attempt ?? 0) + 1;
    let outcome = started && (await this.#findEnd(started));
    for (;;) {
      outcome ??= await this.#attempt(attempt++);
      // A launcher's engine may have started the job several times.
      attempt = Math.max(attempt, (outcome.attempt ?? 0) + 1);
      const reason = this.#signal.aborted ? undefined : retryReason(this.#run.policy, outcome, this.#tried);
      if (reason === undefined) return outcome;
      this.#tried[isLost(outcome) ? "lost" : "failed"] += 1;
      this.#run.log.append({ event: "retried", num: this.#num, attempt: outcome.attempt ?? 0, reason });
      this.#run.onRetry?.(this.#num, reason);
      outcome = undefined;
    }
  }

  async #attempt(attempt: number): Promise<JobOutcome> {
    const { dir, started: _, ...planned } = this.#job;
    if (attempt > 1) dropOutcome(dir);
    const id = this.#run.launcher.jobId(this.#num);
    const job = prepareJob(planned, { outputDir: dir, id, attempt });
    const at = this.#run.now().toISOString();
    this.#run.log.append({ event: "started", num: this.#num, attempt, id, dir, at });
    this.#run.onStart?.(planned, attempt);
    const outcome = await this.#run.launcher.launch(job, this.#signal, this.#hooks());
    if (!isRunningElsewhere(outcome)) return outcome;
    return (await this.#waitForHolder(dir, attempt)) ?? this.#attempt(attempt);
  }

  /** How an attempt of an earlier process ended; undefined where it did not, and the job has to be started again. */
  async #findEnd(started: StartedJob): Promise<JobOutcome | undefined> {
    const adopted = await this.#run.launcher.adopt?.(started, this.#signal, this.#hooks());
    // The launcher was not told the job's words.
    if (adopted !== undefined)
      return { ...adopted, overrides: this.#job.overrides, params: this.#job.sweep?.params ?? {} };
    return this.#waitForHolder(started.dir, started.attempt);
  }

  /** A process of a driver that died ends soon; until then nobody else may work in its folder. */
  async #waitForHolder(dir: string, attempt: number): Promise<JobOutcome | undefined> {
    while (lockHolder(jobLockFile(dir)) !== undefined && !this.#signal.aborted) await wait(LOOK_MS);
    const outcome = readOutcome(dir);
    if (outcome === undefined || outcome.status === "interrupted") return undefined;
    return isFinal(outcome) || (outcome.attempt ?? 0) >= attempt ? outcome : undefined;
  }

  #hooks(): LaunchHooks {
    return { onReport: async (report) => this.#report(report) };
  }

  #report(report: JobReport): ReportAnswer {
    const { sweeper, log } = this.#run;
    const answer = sweeper.report?.(this.#num, report) ?? "continue";
    log.append({ event: "report", num: this.#num, step: report.step, value: report.value, answer });
    this.#run.onReport?.(this.#num, report);
    return answer;
  }
}

function isRunningElsewhere({ error }: JobOutcome): boolean {
  return error instanceof TtmError && error.code === "LAUNCH_JOB_RUNNING";
}
