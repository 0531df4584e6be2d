import type { Composition } from "../config/index.ts";
import type { JobOutcome } from "../launch/index.ts";
import { hydraSetting, interruptedExitCode, withInterrupts } from "../launch/index.ts";
import type { AppComposer } from "./app-composer.ts";
import { dryRunText } from "./dry-run.ts";
import type { AppHost } from "./host.ts";
import { jobsTable } from "./jobs-table.ts";
import { previewPlace } from "./preview-place.ts";
import { printFault } from "./print-fault.ts";
import type { Command } from "./run-command.ts";
import type { MultiRun } from "./run-multi.ts";
import { runMulti } from "./run-multi.ts";
import { runSingle } from "./run-single.ts";

/** Runs the job or the sweep of a command line, or with `--dry-run` lists it, and returns the exit code. */
export function runJobs(command: Command, composer: AppComposer): Promise<number> {
  return composer.mode(command.line) === "MULTIRUN" ? sweep(command, composer) : single(command, composer);
}

async function single(
  { line, host, task, checked, saved, options }: Command,
  composer: AppComposer,
): Promise<number> {
  const composition = composer.compose({ mode: "RUN" });
  const check = await checked();
  check(previewPlace(composition, host.cwd));
  warn(composition, host);
  if (line.isSet("dryRun")) {
    host.stdout(dryRunText.single(composition, host));
    return 0;
  }
  const run = {
    composition,
    task,
    host,
    json: line.isSet("json"),
    isRerun: saved !== undefined,
    callbacks: options.callbacks ?? {},
  };
  const outcome = await withInterrupts((signal) => runSingle(run, signal));
  if (outcome.status === "completed") return 0;
  const verb = outcome.status === "interrupted" ? "was interrupted" : "failed";
  host.stderr(`the job ${verb}   ${outcome.overrides.join(" ")}\n`);
  const code = printFault(outcome.error, host);
  return outcome.status === "interrupted" ? interruptedExitCode : code;
}

async function sweep(command: Command, composer: AppComposer): Promise<number> {
  const { line, host, options } = command;
  const check = await command.checked();
  const run: MultiRun = {
    master: composer.compose({ mode: "MULTIRUN", allowMissingChoices: true }),
    overrides: composer.taskOverrides,

    task: command.task,
    host: line.isSet("json") ? { ...host, stdout: host.stderr } : host,
    json: false,
    launchers: options.launchers ?? {},
    sweepers: options.sweepers ?? {},
    callbacks: options.callbacks ?? {},
    aroundSweep: options.aroundSweep,
    composeJob(overrides, num) {
      const composition = composer.composeJob(overrides, num);
      check(previewPlace(composition, host.cwd));
      return composition;
    },
  };
  warn(run.master, host);
  if (line.isSet("dryRun")) {
    host.stdout(dryRunText.sweep(run));
    return 0;
  }
  const { summary, outcomes } = await withInterrupts((signal) => runMulti(run, signal));
  printFailures(outcomes, host);
  host.stderr((options.summarize ?? jobsTable)(outcomes));
  if (line.isSet("json")) host.stdout(summary);
  if (outcomes.some(({ status }) => status === "not_run" || status === "interrupted"))
    return interruptedExitCode;
  return outcomes.every(({ status }) => status === "completed") ? 0 : 1;
}

function printFailures(outcomes: readonly JobOutcome[], host: AppHost): void {
  for (const outcome of outcomes) {
    if (outcome.status !== "failed") continue;
    host.stderr(`#${outcome.num} failed   ${outcome.overrides.join(" ")}\n`);
    printFault(outcome.error, host);
  }
}

/** What looks wrong in the config. The working directory is the process's, so jobs do not change it. */
function warn(composition: Composition, host: AppHost): void {
  for (const warning of composition.warnings) host.stderr(`warning: ${warning}\n`);
  if (hydraSetting(composition, "job.chdir") !== true) return;
  host.stderr(
    "warning: hydra.job.chdir is ignored; the working directory never changes, write to the output folder\n",
  );
}
