import { join } from "node:path";
import { isFileLock, takeLock } from "../core/index.ts";
import { folderError } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";
import { hydraSetting } from "./hydra-settings.ts";
import type { JobOutcome, JobTask, PreparedJob } from "./job.ts";
import { readJobSweep } from "./job-file.ts";
import { isFinal, isOfOther, readOutcome, writeOutcome } from "./outcome-file.ts";
import type { JobHost } from "./run-job.ts";
import { runJob } from "./run-job.ts";

const lockName = ".job.lock";

/**
 * Runs a job of a sweep in a process of its own, once and for all: nobody else runs it at the same time, a job that has an outcome of this attempt or
 * has completed is not run again, and `outcome.json` says at the end how it ended.
 *
 * @throws {LaunchError} LAUNCH_JOB_RUNNING where a live process runs this job
 */
export async function runJobOnce(
  job: PreparedJob,
  task: JobTask,
  host: JobHost,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const lock = tryLock(join(job.outputDir, lockName));
  if (!isFileLock(lock)) throw isRunningElsewhere(job, lock.pid, lock.host);
  try {
    const sweepId = job.sweep?.id;
    const before = readOutcome(job.outputDir, sweepId);
    if (before !== undefined && endsAttempt(before, job.attempt)) return before;
    const outcome = await runJob(job, task, host, signal);
    // A new sweep has taken the folder meanwhile: its outcome is not this one.
    if (isOfOther(readJobSweep(job.outputDir), sweepId)) return outcome;
    const sync = hydraSetting(job.composition, "launcher.sync") === true;
    return writeOutcome(job.outputDir, outcome, { sweepId, sync });
  } finally {
    lock.release();
  }
}

/** The outcome of a job that has left none. */
export function unendedJob(
  job: PreparedJob,
  how: Pick<JobOutcome, "status" | "error" | "startedAt">,
): JobOutcome {
  return {
    num: job.num,
    overrides: job.overrides,
    params: job.sweep?.params ?? {},
    dir: job.outputDir,
    result: undefined,
    endedAt: new Date().toISOString(),
    attempt: job.attempt,
    ...how,
  };
}

/** The file by which the live process that runs a folder's job, if there is one, holds it. */
export function jobLockFile(folder: string): string {
  return join(folder, lockName);
}

/** Whether an outcome found in the folder is what this attempt would have to give. */
function endsAttempt(outcome: JobOutcome, attempt: number): boolean {
  if (isFinal(outcome)) return true;
  return outcome.status === "failed" && (outcome.attempt ?? 1) >= attempt;
}

function tryLock(file: string): ReturnType<typeof takeLock> {
  try {
    return takeLock(file);
  } catch (cause) {
    throw folderError(file, cause);
  }
}

function isRunningElsewhere(job: PreparedJob, pid: number, host: string): LaunchError {
  return new LaunchError("LAUNCH_JOB_RUNNING", `process ${pid} on ${host} runs this job`, {
    where: job.outputDir,
    fix: "wait until it has ended, then resume the sweep",
  });
}
