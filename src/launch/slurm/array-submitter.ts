import { statSync } from "node:fs";
import { relative } from "node:path";
import { LauncherFault } from "../errors.ts";
import type { LauncherRequest } from "../launcher.ts";
import { writeBatchFiles } from "./batch-files.ts";
import type { Batch, BatchStore } from "./batch-store.ts";
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
}

/** Jobs that come in so short a time after each other go into one array. */
const QUIET_MS = 250;

/** While other jobs of ours wait in the queue there is no hurry: so long more jobs are collected. */
const LEISURE_MS = 10_000;

/** An `sbatch` of a launcher that was killed may still be on its way for so long. */
const IN_FLIGHT_MS = 20_000;

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

  /**
   * Submits what has been collected, once it is time to.
   *
   * @param isHungry  whether no job of ours waits in the queue
   */
  async submit(isHungry: boolean): Promise<void> {
    const now = this.#parts.now();
    const isTime = now - this.#firstAt >= LEISURE_MS || (isHungry && now - this.#lastAt >= QUIET_MS);
    if (this.#collected.size === 0 || !isTime || this.#inheritedByCollected().length > 0) return;
    const jobs = this.#takeCollected();
    this.#maxTasks ??= await this.#parts.commands.maxArraySize();
    const most = this.#maxTasks ?? defaultMaxArraySize;
    for (let from = 0; from < jobs.length; from += most) await this.#submitNew(jobs.slice(from, from + most));
  }

  /** What is to be submitted; of a job that was to be taken over the queue knows nothing. */
  #takeCollected(): readonly QueuedJob[] {
    const jobs = [...this.#collected];
    this.#collected.clear();
    for (const job of jobs) if (job.isAdopted) job.settle(undefined);
    return jobs.filter(({ isAdopted }) => !isAdopted);
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
    for (const [index, job] of jobs.entries()) job.place = { batch, index };
    writeBatchFiles(batch, settings, request);
    await this.#submitBatch(batch, jobs);
  }

  async #submitBatch(batch: Batch, jobs: readonly QueuedJob[]): Promise<void> {
    const { commands, store, settings } = this.#parts;
    const { folder, jobName } = batch;
    this.#unclear.set(batch, jobs);
    const answer = await commands.submit(
      sbatchArguments({ settings, jobName, folder, tasks: batch.jobs.length }),
    );
    if (answer.kind === "accepted") return this.#accept({ ...batch, arrayId: answer.arrayId }, jobs, batch);
    if (answer.kind === "unknown" || (answer.kind === "full" && jobs.length === 1)) {
      return this.#note(answer.kind, answer.message);
    }
    this.#unclear.delete(batch);
    store.write({ ...batch, jobs: [] });
    if (answer.kind === "full") return this.#submitHalves(jobs);
    for (const job of jobs) job.fail(this.#refused(answer.message));
  }

  /** The site takes no array of this size now; two smaller ones may pass one after the other. */
  async #submitHalves(jobs: readonly QueuedJob[]): Promise<void> {
    const middle = Math.ceil(jobs.length / 2);
    await this.#submitNew(jobs.slice(0, middle));
    await this.#submitNew(jobs.slice(middle));
  }

  async #submitAgain(batch: Batch, jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.some(({ signal }) => !signal.aborted)) return this.#submitBatch(batch, jobs);
    this.#unclear.delete(batch);
    for (const job of jobs) job.settle(givenOutcome(job, "interrupted", job.signal.reason));
  }

  #accept(batch: Batch, jobs: readonly QueuedJob[], before: Batch): void {
    this.#unclear.delete(before);
    this.#parts.store.write(batch);
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

function isFresh({ folder }: Batch): boolean {
  return Date.now() - statSync(folder).mtimeMs < IN_FLIGHT_MS;
}
