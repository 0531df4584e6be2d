import { setTimeout as wait } from "node:timers/promises";
import { LaunchError } from "../errors.ts";
import type { JobOutcome, JobTask, PreparedJob } from "../job.ts";
import type { JobHost } from "../run-job.ts";
import { runJobOnce } from "../run-job-once.ts";

export interface ArrayTask {
  readonly job: PreparedJob;
  readonly task: JobTask;
  readonly host: JobHost;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How often a job that an earlier start of this task still holds is tried again. */
const TRY_MS = 1_000;

/**
 * Runs the job of a task in Slurm. Slurm may have started the task before: each start is a further attempt, so the job goes on from
 * its checkpoint. A start on a node that is unreachable, but not dead, may even still run: it is waited for, and what it gives counts.
 */
export async function runArrayTask(
  { job, task, host, env }: ArrayTask,
  signal: AbortSignal,
): Promise<JobOutcome> {
  // Unset at the first start.
  const restarts = Number(env["SLURM_RESTART_COUNT"] ?? 0);
  const attempt = { ...job, attempt: job.attempt + restarts };
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await runJobOnce(attempt, task, host, signal);
    } catch (error) {
      if (!isHeld(error) || signal.aborted) throw error;
      if (isFirst) host.stderr(`${error.message}; waiting until it has ended or is known to be dead\n`);
      await wait(TRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

function isHeld(error: unknown): error is LaunchError {
  return error instanceof LaunchError && error.code === "LAUNCH_JOB_RUNNING";
}
