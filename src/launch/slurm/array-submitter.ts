import { relative } from "node:path";
import { LauncherFault } from "../errors.ts";
import type { LauncherRequest } from "../launcher.ts";
import { writeBatchFiles } from "./batch-files.ts";
import { type Batch, type BatchStore, isFresh } from "./batch-store.ts";
import type { QueueView } from "./queue-view.ts";
import { givenOutcome, type QueuedJob } from "./queued-job.ts";
import { defaultMaxArraySize } from "./read-scontrol.ts";
import { sbatchArguments } from "./sbatch-arguments.ts";
import type { SlurmCommands } from "./slurm-commands.ts";
import type { SlurmSettings } from "./slurm-settings.ts";
import { taskStage } from "./task-state.ts";

export interface SubmitterParts {
  readonly request: LauncherRequest;
  readonly settings: SlurmSettings;
  readonly store: BatchStore;
  readonly commands: SlurmCommands;
  readonly view: QueueView;
  /** Milliseconds. */
  now(): number;
  /** Our jobs that the controller has. */
  queued(): readonly QueuedJob[];
}

/** Jobs that come in so short a time after each other go into one array. */
const QUIET_MS = 250;

/** While other jobs of ours wait in the queue there is no hurry: so long more jobs are collected. */
const LEISURE_MS = 10_000;

/**
 * Collects jobs and submits them as arrays. Every array is on disk under a name of its own before `sbatch` is called, and one whose
 * submission had no clear answer is looked for under its name before it is submitted again: no job is in the queue twice.
 */
export class ArraySubmitter {
  readonly #parts: SubmitterParts;
  readonly #collected = new Set<QueuedJob>();
  #firstAt = 0;
  #lastAt = 0;
  /** Batches on disk of which it is not known whether the controller has them. */
  readonly #unclear = new Map<Batch, readonly QueuedJob[]>();
  /** Batches of an earlier process of this sweep, which may be in the queue. */
  #inherited: readonly Batch[];
  #maxTasks: number | undefined;
  /** How many tasks the next array may have, where the site takes no more; it grows again with what is taken. */
  #room = Number.POSITIVE_INFINITY;
  #nextTry = Number.NEGATIVE_INFINITY;
  readonly #noted = new Set<string>();

  constructor(parts: SubmitterParts) {
    this.#parts = parts;
    this.#inherited = parts.store.read().filter(({ jobs }) => jobs.length > 0);
  }

  add(job: QueuedJob): void {
    this.#lastAt = this.#parts.now();
    if (this.#collected.size === 0) this.#firstAt = this.#lastAt;
    this.#collected.add(job);
  }

  /** Takes back a job that is not submitted yet; false where it may be in the queue. */
  withdraw(job: QueuedJob): boolean {
    if (this.#inherited.some(({ jobs }) => jobs.includes(job.dir))) return false;
    return this.#collected.delete(job);
  }

  /** The names under which arrays must be looked for in the queue before anything is submitted. */
  get wanted(): readonly string[] {
    const batches = [...this.#unclear.keys(), ...this.#inheritedByCollected()];
    return batches.map(({ jobName }) => jobName);
  }

  /** Learns from the view, just refreshed, which of the {@link wanted} arrays the controller has. */
  async learn(): Promise<void> {
    this.#inherit();
    for (const [batch, jobs] of [...this.#unclear]) {
      const arrayId = this.#arrayIdOf(batch);
      if (arrayId === undefined) await this.#submitAgain(batch, jobs);
      else this.#accept({ ...batch, arrayId }, jobs, batch);
    }
  }

  /** Submits what has been collected, once it is time to; where the site is full, one array for each look at the queue. */
  async submit(): Promise<void> {
    const now = this.#parts.now();
    if (now < this.#nextTry) return;
    const isHungry = this.#parts.queued().every(({ stage }) => stage !== "waiting");
    const isTime = now - this.#firstAt >= LEISURE_MS || (isHungry && now - this.#lastAt >= QUIET_MS);
    if (this.#collected.size === 0 || !isTime || this.#inheritedByCollected().length > 0) return;
    this.#settleAdopted();
    this.#maxTasks ??= await this.#parts.commands.maxArraySize();
    while (this.#collected.size > 0) {
      const isLimited = Number.isFinite(this.#room);
      const most = Math.min(this.#maxTasks ?? defaultMaxArraySize, this.#room);
      if (isLimited) this.#putOff();
      await this.#submitNew([...this.#collected].slice(0, most));
      if (isLimited || this.#parts.now() < this.#nextTry) return;
    }
  }

  /** Of a job that was to be taken over the queue knows nothing. */
  #settleAdopted(): void {
    for (const job of [...this.#collected].filter(({ isAdopted }) => isAdopted)) {
      this.#collected.delete(job);
      job.settle(undefined);
    }
  }

  #putOff(): void {
    this.#nextTry = this.#parts.now() + 1000 * this.#parts.settings.pollSeconds;
  }

  #inheritedByCollected(): readonly Batch[] {
    if (this.#inherited.length === 0) return [];
    const dirs = new Set([...this.#collected].map(({ dir }) => dir));
    return this.#inherited.filter(({ jobs }) => jobs.some((dir) => dirs.has(dir)));
  }

  #inherit(): void {
    const batches = this.#inheritedByCollected();
    const clear = batches.filter((batch) => batch.arrayId ?? this.#arrayIdOf(batch) ?? !isFresh(batch));
    for (const batch of clear.toReversed()) this.#inheritBatch(batch);
    this.#inherited = this.#inherited.filter((batch) => !clear.includes(batch));
  }

  #inheritBatch(batch: Batch): void {
    const arrayId = this.#arrayIdOf(batch);
    if (arrayId === undefined) return;
    const found = this.#parts.store.write({ ...batch, arrayId });
    const byDir = new Map([...this.#collected].map((job) => [job.dir, job]));
    for (const { index, state } of this.#parts.view.tasksOf(batch.jobName)) {
      const job = byDir.get(batch.jobs[index] ?? "");
      if (job === undefined || (taskStage(state) === "ended" && !job.isAdopted)) continue;
      job.place = { batch: found, index };
      this.#collected.delete(job);
    }
  }

  #arrayIdOf({ jobName }: Batch): string | undefined {
    return this.#parts.view.tasksOf(jobName)[0]?.arrayId;
  }

  async #submitNew(jobs: readonly QueuedJob[]): Promise<void> {
    const { store, settings, request } = this.#parts;
    const dirs = jobs.map(({ dir }) => dir);
    const batch = store.add(settings.name, dirs);
    writeBatchFiles(batch, settings, request);
    for (const [index, job] of jobs.entries()) {
      job.place = { batch, index };
      this.#collected.delete(job);
    }
    await this.#submitBatch(batch, jobs);
  }

  async #submitBatch(batch: Batch, jobs: readonly QueuedJob[]): Promise<void> {
    const { commands, store, settings } = this.#parts;
    const { folder, jobName } = batch;
    this.#unclear.set(batch, jobs);
    const answer = await commands.submit(
      sbatchArguments({ settings, jobName, folder, tasks: batch.jobs.length }),
    );
    if (answer.kind === "accepted") {
      this.#room *= 2;
      return this.#accept({ ...batch, arrayId: answer.arrayId }, jobs, batch);
    }
    if (answer.kind === "unknown") return this.#note(answer.kind, answer.message);
    store.write({ ...batch, jobs: [] });
    this.#unclear.delete(batch);
    const isAlone = jobs.length === 1 && this.#parts.queued().length === 0;
    if (answer.kind === "refused" || (answer.kind === "limited" && isAlone)) {
      // What waits asks for the same.
      for (const job of [...jobs, ...this.#collected]) job.fail(this.#refused(answer.message));
      return this.#collected.clear();
    }
    this.#note("full", answer.message);
    this.#putBack(jobs, answer.kind);
  }

  /** The site takes no array of this size now; a smaller one may pass later. */
  #putBack(jobs: readonly QueuedJob[], kind: "full" | "limited"): void {
    for (const job of jobs) {
      job.place = undefined;
      this.#collected.add(job);
    }
    // Where nothing of ours is in the queue, a single job tells whether it is their number or what each asks for.
    const isUntold = kind === "limited" && this.#parts.queued().length === 0;
    this.#room = isUntold ? 1 : Math.max(1, Math.floor(jobs.length / 2));
    this.#putOff();
  }

  async #submitAgain(batch: Batch, jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.some(({ signal }) => !signal.aborted)) return this.#submitBatch(batch, jobs);
    this.#unclear.delete(batch);
    for (const job of jobs) job.settle(givenOutcome(job, "interrupted", job.signal.reason));
  }

  #accept(batch: Batch, jobs: readonly QueuedJob[], before: Batch): void {
    this.#parts.store.write(batch);
    this.#unclear.delete(before);
    for (const { place } of jobs) if (place !== undefined) place.batch = batch;
    this.#parts.view.hurry();
  }

  #refused(message: string): LauncherFault {
    const { cwd, sweepDir } = this.#parts.request;
    return new LauncherFault("LAUNCH_SLURM_REFUSED", `sbatch refused the jobs: ${message}`, {
      where: "hydra.launcher",
      fix: `sinfo shows what there is; go on with   --multirun --resume ${relative(cwd, sweepDir)} hydra.launcher.KEY=VALUE`,
    });
  }

  #note(kind: "full" | "unknown", message: string): void {
    if (this.#noted.has(message)) return;
    this.#noted.add(message);
    const what = kind === "full" ? "takes no more jobs now" : "gave no clear answer";
    this.#parts.request.note(`sbatch ${what} (${message}); it is tried again`);
  }
}
