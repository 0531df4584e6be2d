import { pythonStr } from "../config/index.ts";
import { withEnvironment } from "./environment.ts";
import { hydraMap, hydraSetting } from "./hydra-settings.ts";
import type { JobContext, JobOutcome, JobTask, PreparedJob } from "./job.ts";
import { openJobLog } from "./job-log.ts";

/** The process around the jobs; tests give their own. */
export interface JobHost {
  readonly json: boolean;
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
}

/**
 * Runs a prepared job in this process: opens its log, sets `hydra.job.env_set`, calls the task. Never rejects because
 * of the task: what it throws is in the outcome.
 */
export async function runJob(
  job: PreparedJob,
  task: JobTask,
  host: JobHost,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const startedAt = host.now().toISOString();
  const ended = (rest: Pick<JobOutcome, "status" | "result" | "error">): JobOutcome => ({
    num: job.num,
    overrides: job.overrides,
    params: job.sweep?.params ?? {},
    dir: job.outputDir,
    startedAt,
    endedAt: host.now().toISOString(),
    ...rest,
  });
  try {
    const context = jobContext(job, host, signal);
    const result = await withEnvironment(environmentOf(job), async () => task(context));
    return ended({ status: "completed", result, error: undefined });
  } catch (error) {
    return ended({ status: signal.aborted ? "interrupted" : "failed", result: undefined, error });
  }
}

function jobContext(job: PreparedJob, host: JobHost, signal: AbortSignal): JobContext {
  const log = openJobLog({
    logging: hydraSetting(job.composition, "job_logging"),
    name: job.name,
    verbose: hydraSetting(job.composition, "verbose") === true,
    stderr: host.stderr,
    now: host.now,
  });
  return { ...job, signal, json: host.json, log, print: host.stdout };
}

function environmentOf(job: PreparedJob): Record<string, string> {
  const variables = hydraMap(job.composition, "job.env_set");
  return Object.fromEntries([...variables].map(([name, value]) => [name, pythonStr(value)]));
}
