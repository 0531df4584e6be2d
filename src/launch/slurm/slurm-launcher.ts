import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../core/index.ts";
import { LauncherFault } from "../errors.ts";
import type { JobOutcome, PreparedJob } from "../job.ts";
import { writeJobFile } from "../job-file.ts";
import { ReportReader } from "../job-reports.ts";
import type { Launcher, LauncherRequest, LaunchHooks, StartedJob } from "../launcher.ts";
import { launcherFault } from "../launcher-fault.ts";
import { stopFile } from "../stop-file.ts";
import { writeText } from "../write-text.ts";
import { ArraySubmitter } from "./array-submitter.ts";
import { BatchStore } from "./batch-store.ts";
import { cancelBatches } from "./cancel-batches.ts";
import { cancelByName, cancelTasks } from "./cancel-tasks.ts";
import { PollPace } from "./poll-pace.ts";
import { QueueView } from "./queue-view.ts";
import { foundOutcome, givenOutcome, type QueuedJob } from "./queued-job.ts";
import { Retry } from "./retry.ts";
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
  readonly #store: BatchStore;
  readonly #sweepId: string | undefined;
  readonly #submitter: ArraySubmitter;
  readonly #jobs = new Set<QueuedJob>();
  /** When the next look may be, where one failed as a whole. */
  readonly #retry = new Retry();
  readonly #notedTroubles = new Set<string>();
  #isLooking = false;
  #abortedSince: number | undefined;
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
    this.#sweepId = request.sweepId;
    this.#store = new BatchStore(settings.folder, request.sweepId);
    const store = this.#store;
    const queued = () => [...this.#jobs].filter(({ place }) => place?.batch.arrayId !== undefined);
    this.#submitter = new ArraySubmitter({ ...shared, request, settings, store, view: this.#view, queued });
  }

  /** As submitit's launcher has it: Slurm's own id is not known before the config is written. */
  jobId(num: number): string {
    return `job_id_for_${num}`;
  }

  async launch(job: PreparedJob, signal: AbortSignal, hooks: LaunchHooks = {}): Promise<JobOutcome> {
    writeJobFile(job);
    const { num, outputDir: dir, attempt, overrides, sweep } = job;
    const about = { num, dir, attempt, overrides, params: sweep?.params ?? {}, sweepId: sweep?.id };
    const outcome = await this.#take({ ...about, isAdopted: false, signal, hooks });
    return outcome as JobOutcome;
  }

  adopt(job: StartedJob, signal: AbortSignal, hooks: LaunchHooks = {}): Promise<JobOutcome | undefined> {
    const { num, dir, attempt } = job;
    const about = { num, dir, attempt, overrides: [], params: {}, sweepId: this.#sweepId };
    return this.#take({ ...about, isAdopted: true, signal, hooks });
  }

  async cancel(): Promise<void> {
    const batches = this.#store.read().filter(({ jobs }) => jobs.length > 0);
    await cancelBatches(batches, { commands: this.#commands, sleep: this.#parts.sleep });
  }

  /** The jobs that are still out go on without us. */
  async close(): Promise<void> {
    this.#jobs.clear();
  }

  #take(
    about: Pick<
      QueuedJob,
      "num" | "dir" | "sweepId" | "attempt" | "overrides" | "params" | "isAdopted" | "signal" | "hooks"
    >,
  ): Promise<JobOutcome | undefined> {
    return new Promise((done, reject) => {
      const job: QueuedJob = {
        ...about,
        watch: new TaskWatch(this.#settings.graceSeconds * 1000),
        reports: new ReportReader(about.dir),
        unheard: [],
        retry: new Retry(),
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
        if (this.#retry.isDue(this.#parts.now())) await this.#tryToLook();
      }
    } finally {
      this.#isLooking = false;
    }
  }

  /** What fails here says nothing of the jobs: it is tried again, and at last the sweep is broken off while they go on. */
  async #tryToLook(): Promise<void> {
    try {
      await this.#look();
      this.#retry.succeeded();
    } catch (error) {
      const isForGood = error instanceof LauncherFault || !this.#retry.failed(this.#parts.now());
      if (isForGood) for (const job of [...this.#jobs]) job.fail(launcherFault(error));
      else this.#noteTrouble(error);
    }
  }

  /** Does something with the files of one job, whose disk may fail without the others'. */
  async #withFiles(job: QueuedJob, action: () => Promise<void>): Promise<void> {
    if (!job.retry.isDue(this.#parts.now())) return;
    try {
      await action();
      job.retry.succeeded();
    } catch (error) {
      if (!job.retry.failed(this.#parts.now())) job.fail(launcherFault(error));
      else this.#noteTrouble(error);
    }
  }

  #noteTrouble(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    if (this.#notedTroubles.has(what)) return;
    this.#notedTroubles.add(what);
    this.#note(`the sweep's files cannot be read or written (${what}); it is tried again, and jobs go on`);
  }

  async #look(): Promise<void> {
    for (const job of this.#jobs) await this.#withFiles(job, () => this.#handReportsOn(job));
    await this.#takeOutcomes();
    await this.#cancelAborted();
    const names = [...this.#jobs].flatMap(({ place }) => place?.batch.jobName ?? []);
    if (await this.#view.refresh(new Set([...names, ...this.#submitter.wanted]))) {
      await this.#submitter.learn();
      await this.#watchTasks();
    }
    await this.#submitter.submit();
  }

  async #takeOutcomes(): Promise<void> {
    for (const job of [...this.#jobs]) await this.#withFiles(job, () => this.#takeOutcome(job));
  }

  async #takeOutcome(job: QueuedJob): Promise<void> {
    const outcome = foundOutcome(job);
    if (outcome === undefined) return;
    // What it reported last.
    await this.#handReportsOn(job);
    job.settle(outcome);
  }

  async #handReportsOn(job: QueuedJob): Promise<void> {
    const { onReport } = job.hooks;
    if (onReport === undefined || job.place === undefined) return;
    job.unheard.push(...job.reports.read());
    for (let report = job.unheard[0]; report !== undefined; report = job.unheard[0]) {
      this.#begin(job);
      // An attempt that starts again reports again what was heard already.
      const isNews = report.step > job.lastStep;
      if (isNews && (await onReport(report)) === "stop") writeText(stopFile(job.dir), "");
      job.lastStep = Math.max(job.lastStep, report.step);
      job.unheard.shift();
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
    for (const { job, verdict } of verdicts)
      if (verdict === "gone") await this.#withFiles(job, () => this.#settleGone(job));
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
    const aborted = [...this.#jobs].filter(({ signal }) => signal.aborted);
    if (aborted.length === 0) return;
    this.#abortedSince ??= this.#parts.now();
    const open = aborted.filter((job) => !job.isCancelled && !this.#withdraw(job));
    const isTaken = await this.#cancel(open);
    const isPatient = this.#parts.now() - this.#abortedSince < CANCEL_PATIENCE_MS;
    if (!isPatient && (!isTaken || this.#view.isSilent)) this.#giveUp();
  }

  /** Takes back what is not submitted yet. */
  #withdraw(job: QueuedJob): boolean {
    if (!this.#submitter.withdraw(job)) return false;
    job.settle(givenOutcome(job, "interrupted", job.signal.reason));
    return true;
  }

  /** @returns whether the controller took the order, as far as it was given */
  async #cancel(open: readonly QueuedJob[]): Promise<boolean> {
    const queued = open.filter(({ place }) => place?.batch.arrayId !== undefined);
    if (queued.length === 0) return true;
    if (this.#parts.now() < this.#nextCancel) return false;
    if (await cancelTasks(queued, this.#commands)) {
      this.#view.hurry();
      return true;
    }
    this.#nextCancel = this.#parts.now() + CANCEL_AGAIN_MS;
    return false;
  }

  /** The user wants to leave, and a controller that is dead will not say any more what became of the jobs. */
  #giveUp(): void {
    const left = [...this.#jobs].filter(({ signal }) => signal.aborted);
    const names = new Set(left.flatMap(({ place }) => place?.batch.jobName ?? []));
    this.#note(`Slurm's controller does not answer; when it is back: ${cancelByName([...names])}`);
    for (const job of left) job.settle(givenOutcome(job, "interrupted", job.signal.reason));
  }
}
