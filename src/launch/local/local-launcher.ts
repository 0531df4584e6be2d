import { join } from "node:path";
import { TtmError } from "../../core/index.ts";
import type { JobOutcome, PreparedJob } from "../job.ts";
import { writeJobFile } from "../job-file.ts";
import type { Launcher, LauncherRequest, LaunchHooks } from "../launcher.ts";
import { launcherFault } from "../launcher-fault.ts";
import { isFinal, readOutcome } from "../outcome-file.ts";
import { unendedJob } from "../run-job-once.ts";
import { localSettings } from "./local-settings.ts";
import { WorkerProcess } from "./worker-process.ts";

/**
 * Several jobs at once on this machine, each in a process of its own that takes job after job. A worker has its share of the
 * cores, of the memory and of the GPUs; one that dies is replaced, and its job is lost.
 */
export function localLauncher(request: LauncherRequest): Launcher {
  const { jobs, share } = localSettings(request.settings, request.env);
  const pool = new WorkerPool(jobs, (index) => {
    const { args, env } = share(index);
    const { command, args: own } = request.entry;
    return new WorkerProcess({
      entry: { command, args: [...args, ...own] },
      cwd: request.cwd,
      env: { ...request.env, ...env },
      logFile: join(request.sweepDir, ".workers", `${index}.log`),
    });
  });
  return {
    slots: jobs,
    jobId: (num) => String(num),
    launch: (job, signal, hooks) => launchOn(pool, job, signal, hooks),
    close: () => pool.close(),
  };
}

async function launchOn(
  pool: WorkerPool,
  job: PreparedJob,
  signal: AbortSignal,
  hooks: LaunchHooks | undefined,
): Promise<JobOutcome> {
  const startedAt = new Date().toISOString();
  writeJobFile(job);
  const slot = pool.take();
  try {
    const answer = await slot.worker.run(job.outputDir, signal, hooks);
    if (answer.kind === "refused") throw answer.error;
    return endOf(job) ?? unended(job, startedAt, signal, new Error("the worker wrote no outcome"));
  } catch (error) {
    // A worker may die after its job's end.
    const code = error instanceof TtmError ? error.code : undefined;
    // The worker could write nothing: that is the disk's fault.
    if (code === "LAUNCH_FOLDER") throw launcherFault(error);
    const found = code === "LAUNCH_JOB_LOST" ? endOf(job) : undefined;
    return found ?? unended(job, startedAt, signal, error);
  } finally {
    pool.give(slot);
  }
}

function endOf({ outputDir, attempt, sweep }: PreparedJob): JobOutcome | undefined {
  const outcome = readOutcome(outputDir, sweep?.id);
  return outcome && (isFinal(outcome) || outcome.attempt === attempt) ? outcome : undefined;
}

function unended(job: PreparedJob, startedAt: string, signal: AbortSignal, error: unknown): JobOutcome {
  return unendedJob(job, { status: signal.aborted ? "interrupted" : "failed", error, startedAt });
}

interface Slot {
  readonly index: number;
  readonly worker: WorkerProcess;
}

/** Workers by number; one is started when a job needs it, and again when it is gone. */
class WorkerPool {
  readonly #start: (index: number) => WorkerProcess;
  readonly #workers: (WorkerProcess | undefined)[];
  readonly #free: number[];

  constructor(size: number, start: (index: number) => WorkerProcess) {
    this.#start = start;
    this.#workers = Array.from({ length: size });
    // Taken from the end: the worker that was given back last is the warmest.
    this.#free = Array.from({ length: size }, (_, index) => size - 1 - index);
  }

  take(): Slot {
    const index = this.#free.pop();
    if (index === undefined) throw new RangeError("more jobs than slots");
    const kept = this.#workers[index];
    const worker = kept === undefined || kept.isGone ? this.#start(index) : kept;
    this.#workers[index] = worker;
    return { index, worker };
  }

  give({ index }: Slot): void {
    this.#free.push(index);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker?.close()));
  }
}
