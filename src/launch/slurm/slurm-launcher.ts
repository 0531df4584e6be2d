import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../core/index.ts";
import type { JobOutcome, PreparedJob } from "../job.ts";
import { writeJobFile } from "../job-file.ts";
import { readReports } from "../job-reports.ts";
import type { Launcher, LauncherRequest, LaunchHooks, StartedJob } from "../launcher.ts";
import { stopFile } from "../stop-file.ts";
import { writeText } from "../write-text.ts";
import { ArraySubmitter } from "./array-submitter.ts";
import { BatchStore } from "./batch-store.ts";
import { cancelTasks } from "./cancel-tasks.ts";
import { PollPace } from "./poll-pace.ts";
import { QueueView } from "./queue-view.ts";
import { foundOutcome, givenOutcome, type QueuedJob } from "./queued-job.ts";
import { commandRunner, type RunCommand } from "./run-command.ts";
import { SlurmCommands } from "./slurm-commands.ts";
import { readSlurmSettings, type SlurmSettings } from "./slurm-settings.ts";
import { TaskWatch, type Verdict } from "./task-watch.ts";

/** How often the job folders are looked at. That costs the controller nothing. */
const LOOK_MS = 500;
const LOOK_MS_PER_JOB = 5;

/** How many jobs may be in the queue at once, those that wait included, of a sweeper that proposes the same anyway. */
const SLOTS = 1000;

/** The same of a sweeper that learns from outcomes, where `array_parallelism` does not say: more would all be guesses. */
const LEARNING_SLOTS = 8;

/** So long a dead controller is asked again to cancel; then the user has to do it. */
const CANCEL_PATIENCE_MS = 60_000;
const CANCEL_AGAIN_MS = 5_000;

/** What tests replace. */
export interface SlurmParts {
  readonly run: RunCommand;
  /** Milliseconds, of a clock that does not run backwards. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/**
 * Runs jobs as arrays of Slurm. A job's end is the outcome in its folder, which all nodes must see; the queue is only asked about
 * jobs that left none, rarely, and its silence is no news. Jobs outlive this process: `adopt` finds them again.
 *
 * @throws {LaunchError} LAUNCH_SLURM_SETTING
 */
export function slurmLauncher(request: LauncherRequest, parts: Partial<SlurmParts> = {}): Launcher {
  const settings = readSlurmSettings(request.settings, request);
  return new SlurmLauncher(request, settings, {
    run: commandRunner(request.env, request.cwd),
    now: () => performance.now(),
    sleep: async (ms) => wait(ms),
    ...parts,
  });
}

class SlurmLauncher implements Launcher {
  readonly slots: number;
  readonly #note: (line: string) => void;
  readonly #settings: SlurmSettings;
  readonly #parts: SlurmParts;
  readonly #commands: SlurmCommands;
  readonly #view: QueueView;
  readonly #submitter: ArraySubmitter;
  readonly #jobs = new Set<QueuedJob>();
  #isLooking = false;
  #cancelFailedSince: number | undefined;
  #nextCancel = Number.NEGATIVE_INFINITY;

  constructor(request: LauncherRequest, settings: SlurmSettings, parts: SlurmParts) {
    this.slots = request.isAdaptive
      ? (settings.parallelism ?? LEARNING_SLOTS)
      : Math.max(SLOTS, settings.parallelism ?? 0);
    this.#note = request.note;
    this.#settings = settings;
    this.#parts = parts;
    this.#commands = new SlurmCommands(parts.run);
    const random = Random.fromSeed(process.pid);
    const pace = new PollPace({
      intervalMs: settings.pollSeconds * 1000,
      now: parts.now,
      random: () => random.uniform(),
    });
    const shared = { commands: this.#commands, now: parts.now };
    this.#view = new QueueView({ ...shared, pace, note: request.note });
    const store = new BatchStore(settings.folder);
    this.#submitter = new ArraySubmitter({ ...shared, request, settings, store, view: this.#view });
  }

  /** As submitit's launcher has it: Slurm's own id is not known before the config is written. */
  jobId(num: number): string {
    return `job_id_for_${num}`;
  }

  async launch(job: PreparedJob, signal: AbortSignal, hooks: LaunchHooks = {}): Promise<JobOutcome> {
    writeJobFile(job);
    const { num, outputDir: dir, attempt, overrides, sweep } = job;
    const about = { num, dir, attempt, overrides, params: sweep?.params ?? {} };
    const outcome = await this.#take({ ...about, isAdopted: false, signal, hooks });
    return outcome as JobOutcome;
  }

  adopt(job: StartedJob, signal: AbortSignal, hooks: LaunchHooks = {}): Promise<JobOutcome | undefined> {
    const { num, dir, attempt } = job;
    return this.#take({ num, dir, attempt, overrides: [], params: {}, isAdopted: true, signal, hooks });
  }

  /** The jobs that are still out go on without us. */
  async close(): Promise<void> {
    this.#jobs.clear();
  }

  #take(
    about: Omit<QueuedJob, "watch" | "place" | "stage" | "isCancelled" | "lastStep" | "settle" | "fail">,
  ): Promise<JobOutcome | undefined> {
    return new Promise((done, reject) => {
      const job: QueuedJob = {
        ...about,
        watch: new TaskWatch(this.#settings.graceSeconds * 1000),
        place: undefined,
        stage: "new",
        isCancelled: false,
        lastStep: Number.NEGATIVE_INFINITY,
        settle: (outcome) => {
          if (this.#jobs.delete(job)) done(outcome);
        },
        fail: (error) => {
          if (this.#jobs.delete(job)) reject(error);
        },
      };
      this.#jobs.add(job);
      this.#submitter.add(job);
      if (!this.#isLooking) void this.#lookUntilAllEnded();
    });
  }

  async #lookUntilAllEnded(): Promise<void> {
    this.#isLooking = true;
    try {
      while (this.#jobs.size > 0) {
        await this.#parts.sleep(Math.max(LOOK_MS, LOOK_MS_PER_JOB * this.#jobs.size));
        await this.#look();
      }
    } catch (error) {
      for (const job of [...this.#jobs]) job.fail(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(): Promise<void> {
    for (const job of this.#jobs) await this.#handReportsOn(job);
    await this.#takeOutcomes();
    await this.#cancelAborted();
    const names = [...this.#jobs].flatMap(({ place }) => place?.batch.jobName ?? []);
    if (await this.#view.refresh(new Set([...names, ...this.#submitter.wanted]))) {
      await this.#submitter.learn();
      await this.#watchTasks();
    }
    await this.#submitter.submit([...this.#jobs].every(({ stage }) => stage !== "waiting"));
  }

  async #takeOutcomes(): Promise<void> {
    for (const job of [...this.#jobs]) {
      const outcome = foundOutcome(job);
      if (outcome === undefined) continue;
      // What it reported last.
      await this.#handReportsOn(job);
      job.settle(outcome);
    }
  }

  async #handReportsOn(job: QueuedJob): Promise<void> {
    const { onReport } = job.hooks;
    if (onReport === undefined || job.place === undefined) return;
    // An attempt that starts again reports again what was heard already.
    for (const report of readReports(job.dir).filter(({ step }) => step > job.lastStep)) {
      job.lastStep = report.step;
      this.#begin(job);
      if ((await onReport(report)) === "stop") writeText(stopFile(job.dir), "");
    }
  }

  #begin(job: QueuedJob): void {
    if (job.stage === "running") return;
    job.stage = "running";
    job.hooks.onStarted?.();
  }

  async #watchTasks(): Promise<void> {
    const jobs = [...this.#jobs].filter(({ place }) => place?.batch.arrayId !== undefined);
    await this.#view.account(jobs);
    const verdicts = jobs.map((job) => ({ job, verdict: this.#judge(job) }));
    for (const { job, verdict } of verdicts) if (verdict === "gone") await this.#settleGone(job);
    await this.#settleStuck(verdicts.flatMap(({ job, verdict }) => (verdict === "stuck" ? job : [])));
    this.#view.noteReasons(this.#jobs);
  }

  #judge(job: QueuedJob): Verdict {
    const verdict = job.watch.see(this.#view.sighting(job), this.#parts.now());
    if (verdict === "running") this.#begin(job);
    if (verdict === "waiting" && job.stage === "new") job.stage = "waiting";
    return verdict;
  }

  async #settleGone(job: QueuedJob): Promise<void> {
    const outcome = foundOutcome(job);
    if (outcome !== undefined) return job.settle(outcome);
    if (job.isCancelled) return job.settle(givenOutcome(job, "interrupted", job.signal.reason));
    if (job.isAdopted) return job.settle(undefined);
    job.settle(givenOutcome(job, "failed", await this.#view.whyLost(job)));
  }

  /** Tasks that will never start are taken out of the queue, or they would stand there for ever. */
  async #settleStuck(jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    await cancelTasks(jobs, this.#commands);
    const isAll = jobs.length === this.#jobs.size;
    for (const job of jobs) {
      if (isAll) job.fail(this.#view.whyStuck(job));
      else job.settle(givenOutcome(job, "failed", this.#view.whyStuck(job)));
    }
  }

  async #cancelAborted(): Promise<void> {
    const aborted = [...this.#jobs].filter(({ signal, isCancelled }) => signal.aborted && !isCancelled);
    if (aborted.length === 0 || this.#parts.now() < this.#nextCancel) return;
    for (const job of aborted) {
      if (this.#submitter.withdraw(job)) job.settle(givenOutcome(job, "interrupted", job.signal.reason));
    }
    const queued = aborted.filter(({ place }) => place?.batch.arrayId !== undefined);
    if (queued.length === 0) return;
    if (await cancelTasks(queued, this.#commands)) return this.#view.hurry();
    this.#cancelFailedSince ??= this.#parts.now();
    this.#nextCancel = this.#parts.now() + CANCEL_AGAIN_MS;
    if (this.#parts.now() - this.#cancelFailedSince < CANCEL_PATIENCE_MS) return;
    const names = new Set(aborted.flatMap(({ place }) => place?.batch.jobName ?? []));
    this.#note(`Slurm's controller does not answer; when it is back: scancel --name=${[...names].join(",")}`);
    for (const job of aborted) job.settle(givenOutcome(job, "interrupted", job.signal.reason));
  }
}
