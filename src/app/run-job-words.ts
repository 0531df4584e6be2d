import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { JobHost, JobOutcome, PreparedJob } from "../launch/index.ts";
import {
  Interruption,
  interruptedExitCode,
  isFinal,
  makeCallbacks,
  readJobFile,
  runArrayTask,
  runJobOnce,
  serveJobs,
  stopFile,
  withInterrupts,
} from "../launch/index.ts";
import type { CommandApp } from "./commands.ts";
import { AppError } from "./errors.ts";
import { printFault } from "./print-fault.ts";

/** Signals on which a job ends in good order; a cluster sends SIGUSR2 shortly before a job's time is up. */
const jobSignals = ["SIGINT", "SIGTERM", "SIGUSR2"] as const;

/**
 * Does what a launcher asks for: see {@link isJobWord}.
 *
 * @returns the exit code: 0 completed or pruned, 1 failed, 128 and the signal's number where it was interrupted
 */
export async function runJobWords(app: CommandApp, words: readonly string[]): Promise<number> {
  const [word, path = "", offset = "0"] = words;
  if (word === "--serve-jobs") {
    await serveJobs({
      read: (folder) => readJob(app, folder),
      task: app.task,
      hostOf: (job) => jobHost(app, job),
    });
    return 0;
  }
  const folder = word === "--run-job" ? path : indexedFolder(app, path, Number(offset));
  const job = readJob(app, resolve(app.host.cwd, folder));
  const host: JobHost = {
    ...jobHost(app, job),
    onReport: async ({ outputDir }) => (existsSync(stopFile(outputDir)) ? "stop" : "continue"),
  };
  return withInterrupts(async (signal) => {
    const outcome =
      word === "--run-jobs"
        ? await runArrayTask({ job, task: app.task, host, env: app.host.env }, signal)
        : await runJobOnce(job, app.task, host, signal);
    if (outcome.error !== undefined) printFault(outcome.error, app.host);
    return exitCodeOf(outcome, signal);
  }, jobSignals);
}

/** The prepared job of a folder, with the app's resolvers. */
export function readJob({ options, host }: CommandApp, folder: string): PreparedJob {
  return readJobFile(folder, { env: host.env, resolvers: options.resolvers });
}

/** The process around a job that was started for it. */
export function jobHost({ options, host }: CommandApp, job: PreparedJob): JobHost {
  const { stdout, stderr, now } = host;
  const callbacks = makeCallbacks(job.composition, options.callbacks ?? {}, stderr);
  return { json: false, callbacks, stdout, stderr, now };
}

function exitCodeOf(outcome: JobOutcome, signal: AbortSignal): number {
  if (isFinal(outcome)) return 0;
  if (outcome.status !== "interrupted") return 1;
  return signal.reason instanceof Interruption ? signal.reason.exitCode : interruptedExitCode;
}

function indexedFolder({ host }: CommandApp, file: string, offset: number): string {
  const index = Number(host.env["SLURM_ARRAY_TASK_ID"] ?? "0") + offset;
  const folder = readFileSync(resolve(host.cwd, file), "utf8").split("\n")[index];
  if (folder !== undefined && folder !== "") return folder;
  throw new AppError("APP_COMMAND_USAGE", `the index has no line ${index}`, {
    where: file,
    fix: "resume the sweep: ttm sweep resume DIR",
  });
}
