import { pythonStr } from "../config/index.ts";
import type { Callbacks } from "./callbacks.ts";
import { withEnvironment } from "./environment.ts";
import { LaunchError } from "./errors.ts";
import { hydraMap, hydraSetting } from "./hydra-settings.ts";
import type {
  JobContext,
  JobOutcome,
  JobReport,
  JobResult,
  JobTask,
  PreparedJob,
  ReportAnswer,
} from "./job.ts";
import { openJobLog } from "./job-log.ts";
import { JobReports } from "./job-reports.ts";
import { toJson } from "./json-numbers.ts";

/** The process around the jobs; tests give their own. */
export interface JobHost {
  readonly json: boolean;
  readonly callbacks?: Callbacks | undefined;
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
  /** Hears what a job reports, and says whether it should go on; where it is left out, every job does. */
  onReport?: ((job: PreparedJob, report: JobReport) => Promise<ReportAnswer>) | undefined;
}

/**
 * Runs a prepared job in this process: opens its log, sets `hydra.job.env_set`, calls the task, and the callbacks around
 * it. Never rejects because of the task: what it throws is in the outcome.
 */
export async function runJob(
  job: PreparedJob,
  task: JobTask,
  host: JobHost,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const startedAt = host.now().toISOString();
  const reports = new JobReports(job, host.onReport);
  const ended = (rest: Pick<JobOutcome, "status" | "result" | "error">): JobOutcome => ({
    num: job.num,
    overrides: job.overrides,
    params: job.sweep?.params ?? {},
    dir: job.outputDir,
    startedAt,
    endedAt: host.now().toISOString(),
    attempt: job.attempt,
    ...(reports.last === undefined ? {} : { lastReport: reports.last }),
    ...rest,
  });
  const failed = (error: unknown): JobOutcome => {
    const status = signal.aborted ? "interrupted" : "failed";
    return ended({ status, result: undefined, error: causeOf(error, signal) });
  };
  let context: JobContext;
  try {
    context = jobContext(job, host, signal, reports);
  } catch (error) {
    return failed(error);
  }
  const outcome = await called(context, task, host.callbacks).then(
    (result) => ended({ status: reports.stopped ? "pruned" : "completed", result, error: undefined }),
    failed,
  );
  await host.callbacks?.jobEnd(context, outcome);
  return outcome;
}

async function called(
  context: JobContext,
  task: JobTask,
  callbacks: Callbacks | undefined,
): Promise<JobResult> {
  const result = await withEnvironment(environmentOf(context), async () => {
    await callbacks?.jobStart(context);
    return task(context);
  });
  checkResult(result);
  return result;
}

/** The result is written to files: what JSON cannot hold is found here, not when a whole sweep is summed up. */
function checkResult(result: JobResult): void {
  try {
    toJson(result);
  } catch (cause) {
    throw new LaunchError("LAUNCH_RESULT", "the task returned a value that JSON cannot hold", {
      fix: "return a number, or an object of plain values",
      cause,
    });
  }
}

/** Why a task stopped: for the abort itself the signal's reason, which says it in a user's words. */
function causeOf(error: unknown, signal: AbortSignal): unknown {
  const isAbort = error instanceof Error && error.name === "AbortError";
  return signal.aborted && isAbort ? signal.reason : error;
}

function jobContext(job: PreparedJob, host: JobHost, signal: AbortSignal, reports: JobReports): JobContext {
  const log = openJobLog({
    logging: hydraSetting(job.composition, "job_logging"),
    name: job.jobName,
    verbose: hydraSetting(job.composition, "verbose") === true,
    stderr: host.stderr,
    now: host.now,
  });
  return {
    ...job,
    signal,
    json: host.json,
    resume: job.attempt > 1,
    log,
    print: host.stdout,
    report: (value, step) => reports.report(value, step),
  };
}

function environmentOf(job: PreparedJob): Record<string, string> {
  const variables = hydraMap(job.composition, "job.env_set");
  return Object.fromEntries([...variables].map(([name, value]) => [name, pythonStr(value)]));
}
