import type { Composition } from "../config/index.ts";
import type { CallbackFactory, JobOutcome, JobTask, PlannedJob } from "../launch/index.ts";
import {
  folderSetting,
  hydraText,
  makeCallbacks,
  openOutputFolder,
  prepareJob,
  runJob,
  summaryJson,
} from "../launch/index.ts";
import type { AppHost } from "./host.ts";

export interface SingleRun {
  readonly composition: Composition;
  readonly task: JobTask;
  readonly host: AppHost;
  readonly json: boolean;
  readonly callbacks: Readonly<Record<string, CallbackFactory>>;
  /** Repeats a saved run: always in a new folder, so that it never writes over the first. */
  readonly isRerun?: boolean;
}

/** One job in `hydra.run.dir`. The folder is given back when it has ended. */
export async function runSingle(run: SingleRun, signal: AbortSignal): Promise<JobOutcome> {
  const { composition, host } = run;
  const callbacks = makeCallbacks(composition, run.callbacks, host.stderr);
  const configName = hydraText(composition, "job.config_name") ?? null;
  await callbacks.runStart({ composition, configName });
  const setting = folderSetting(composition, "run.dir", host.cwd);
  const folder = openOutputFolder(run.isRerun ? { ...setting, isClocked: true } : setting);
  try {
    const job = prepareJob(plannedSingle(run), { outputDir: folder.dir, id: null });
    let hasPrinted = false;
    const stdout = (text: string) => {
      hasPrinted = true;
      host.stdout(text);
    };
    const outcome = await runJob(job, run.task, { ...host, stdout, json: run.json, callbacks }, signal);
    // A task that prints an object of its own with --json is left alone.
    if (run.json && !hasPrinted) host.stdout(`${outcomeJson(outcome)}\n`);
    await callbacks.runEnd({ composition: job.composition, configName }, outcome);
    return outcome;
  } finally {
    folder.release();
  }
}

function outcomeJson({ status, dir, result }: JobOutcome): string {
  return summaryJson({ status, dir, result: result ?? null });
}

function plannedSingle({ composition }: SingleRun): PlannedJob {
  return {
    num: null,
    jobName: hydraText(composition, "job.name") ?? "app",
    mode: "RUN",
    overrides: composition.overrides.task,
    composition,
    sweep: undefined,
  };
}
