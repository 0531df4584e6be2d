import { join } from "node:path";
import { type LaunchError, LauncherFault } from "../errors.ts";
import { lostTask } from "./lost-task.ts";
import { stuckReason } from "./pending-reason.ts";
import type { PollPace } from "./poll-pace.ts";
import { type QueuedJob, taskName } from "./queued-job.ts";
import type { AccountedTask } from "./read-sacct.ts";
import type { QueuedTask } from "./read-squeue.ts";
import type { SlurmCommands } from "./slurm-commands.ts";
import type { Sighting } from "./task-watch.ts";

export interface QueueViewParts {
  readonly commands: SlurmCommands;
  readonly pace: PollPace;
  /** Milliseconds. */
  now(): number;
  /** Takes a line for the user. */
  note(line: string): void;
}

/** The accounting lags, and is asked about tasks that the queue has forgotten; it need not be asked often. */
const ACCOUNT_MS = 30_000;

/** What is known of the queue, from the last look at it that was answered. */
export class QueueView {
  readonly #parts: QueueViewParts;
  readonly #noted = new Set<string>();
  #tasks: ReadonlyMap<string, ReadonlyMap<number, QueuedTask>> = new Map();
  #accounted: ReadonlyMap<string, AccountedTask> = new Map();
  #exitCodes = new Map<string, ReadonlyMap<number, string>>();
  #nextAccount = Number.NEGATIVE_INFINITY;
  #isSilent = false;

  constructor(parts: QueueViewParts) {
    this.#parts = parts;
  }

  /** Whether the controller has not answered for some time. */
  get isSilent(): boolean {
    return this.#parts.pace.failures > 1;
  }

  /** Makes the next look come as soon as is polite. */
  hurry(): void {
    this.#parts.pace.hurry();
  }

  /**
   * Asks the queue if it is time to: one call for all arrays.
   *
   * @returns whether there is news
   */
  async refresh(jobNames: ReadonlySet<string>): Promise<boolean> {
    const { pace, commands } = this.#parts;
    if (jobNames.size === 0 || !pace.isDue) return false;
    const tasks = await commands.queue([...jobNames]);
    pace.called(tasks !== undefined);
    this.#noteSilence(tasks === undefined);
    if (tasks === undefined) return false;
    this.#tasks = byName(tasks);
    this.#exitCodes.clear();
    return true;
  }

  /** Asks the accounting, where there is one, about tasks that the queue does not know any more. */
  async account(jobs: readonly QueuedJob[]): Promise<void> {
    const missing = jobs.filter((job) => this.#queued(job) === undefined);
    if (missing.length === 0 || this.#parts.now() < this.#nextAccount) return;
    this.#nextAccount = this.#parts.now() + ACCOUNT_MS;
    const ids = new Set(missing.flatMap(({ place }) => place?.batch.arrayId ?? []));
    const tasks = (await this.#parts.commands.account([...ids])) ?? [];
    this.#accounted = new Map(tasks.map((task) => [`${task.arrayId}_${task.index}`, task]));
  }

  /** The tasks of the array of that name. */
  tasksOf(jobName: string): readonly QueuedTask[] {
    return [...(this.#tasks.get(jobName)?.values() ?? [])];
  }

  /** What the queue, or else the accounting, says of a job. */
  sighting(job: QueuedJob): Sighting | undefined {
    const accounted = this.#accounted.get(taskName(job));
    return this.#queued(job) ?? (accounted && { state: accounted.state, reason: "", node: "" });
  }

  #queued({ place }: QueuedJob): QueuedTask | undefined {
    return place && this.#tasks.get(place.batch.jobName)?.get(place.index);
  }

  /** Says once of every reason why tasks wait that will not pass by itself. */
  noteReasons(jobs: Iterable<QueuedJob>): void {
    for (const job of jobs) {
      const reason = this.sighting(job)?.reason ?? "";
      const stuck = stuckReason(reason);
      if (stuck === undefined || this.#noted.has(reason)) continue;
      this.#noted.add(reason);
      this.#parts.note(`Slurm lets the task ${taskName(job)} wait: ${reason}; ${stuck.fix}`);
    }
  }

  whyStuck(job: QueuedJob): LauncherFault {
    const reason = job.watch.last?.reason ?? "";
    return new LauncherFault(
      "LAUNCH_SLURM_STUCK",
      `Slurm will never start the task ${taskName(job)}: ${reason}`,
      {
        where: "hydra.launcher",
        fix: stuckReason(reason)?.fix,
      },
    );
  }

  async whyLost(job: QueuedJob): Promise<LaunchError> {
    const { arrayId = "", folder = "" } = job.place?.batch ?? {};
    const index = job.place?.index ?? 0;
    const codes = this.#exitCodes.get(arrayId) ?? (await this.#parts.commands.exitCodes(arrayId));
    this.#exitCodes.set(arrayId, codes);
    const exitCode = codes.get(index) ?? this.#accounted.get(taskName(job))?.exitCode;
    const log = join(folder, `${index}.log`);
    return lostTask({ task: taskName(job), state: job.watch.last?.state, exitCode, log });
  }

  #noteSilence(isSilent: boolean): void {
    const { note, pace } = this.#parts;
    // A controller that misses one call is only busy.
    if (isSilent && !this.#isSilent && pace.failures > 1) {
      this.#isSilent = true;
      note("Slurm's controller does not answer; jobs that run go on, and it is asked again");
    }
    if (isSilent || !this.#isSilent) return;
    this.#isSilent = false;
    note("Slurm's controller answers again");
  }
}

function byName(tasks: readonly QueuedTask[]): ReadonlyMap<string, ReadonlyMap<number, QueuedTask>> {
  const groups = new Map<string, Map<number, QueuedTask>>();
  for (const task of tasks) {
    const group = groups.get(task.jobName) ?? new Map<number, QueuedTask>();
    groups.set(task.jobName, group.set(task.index, task));
  }
  return groups;
}
