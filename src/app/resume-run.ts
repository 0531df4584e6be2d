import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { restoreComposition, toYaml } from "../config/index.ts";
import type { JobHost, JobOutcome, PreparedJob } from "../launch/index.ts";
import {
  hydraText,
  makeCallbacks,
  openOutputFolder,
  placeComposition,
  readJobFile,
  runJob,
  runJobOnce,
} from "../launch/index.ts";
import { AppError } from "./errors.ts";
import type { Command } from "./run-command.ts";
import { readSavedRun } from "./saved-run.ts";

/**
 * Goes on with a run in its own folder: the saved config as it is, nothing composed. The task is told so by `context.resume`; what it
 * goes on from is its own affair. A job of a sweep is run as the sweep would do it, and its outcome written.
 *
 * @throws {AppError} APP_FLAG_CONFLICT for override words: they would make it another run
 */
export async function resumeRun(
  { line, host, task, options }: Command,
  folder: string,
  signal: AbortSignal,
): Promise<JobOutcome> {
  if (line.words.length > 0) throw changedByWords(folder, line.words, options.name);
  const dir = resolve(host.cwd, folder);
  const reading = { env: host.env, resolvers: options.resolvers };
  if (existsSync(join(dir, "job.json"))) {
    const job = readJobFile(dir, reading);
    const again = { ...job, attempt: job.attempt + 1 };
    return runJobOnce(again, task, jobHost(again), signal);
  }
  const saved = readSavedRun(folder, host.cwd);
  // the clock that `${now:…}` reads: when the run began, as nearly as its files tell
  const now = statSync(join(saved.folder, "hydra.yaml"), { throwIfNoEntry: false })?.mtime ?? host.now();
  const composition = placeComposition(restoreComposition({ saved, now, ...reading }), {
    outputDir: dir,
    id: null,
  });
  const job: PreparedJob = {
    num: null,
    id: null,
    jobName: hydraText(composition, "job.name") ?? options.name,
    mode: "RUN",
    overrides: saved.words,
    composition,
    sweep: undefined,
    outputDir: dir,
    configYaml: toYaml(saved.config),
    attempt: 2,
  };
  const held = openOutputFolder({ path: dir, isClocked: false });
  try {
    return await runJob(job, task, jobHost(job), signal);
  } finally {
    held.release();
  }

  function jobHost(job: PreparedJob): JobHost {
    const callbacks = makeCallbacks(job.composition, options.callbacks ?? {}, host.stderr);
    return { ...host, json: line.isSet("json"), callbacks };
  }
}

function changedByWords(folder: string, words: readonly string[], name: string): AppError {
  return new AppError("APP_FLAG_CONFLICT", "--resume goes on with a run as it is and takes no overrides", {
    where: `--resume ${folder} ${words.join(" ")}`,
    fix: `${name} --resume ${folder}, or a new run with changes: ${name} rerun ${folder} ${words.join(" ")}`,
  });
}
