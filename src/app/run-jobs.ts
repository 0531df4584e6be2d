import { withInterrupts } from "../launch/index.ts";
import type { AppComposer } from "./app-composer.ts";
import { dryRunText } from "./dry-run.ts";
import { previewPlace } from "./preview-place.ts";
import { printOutcome } from "./print-outcome.ts";
import type { Command } from "./run-command.ts";
import { runSingle } from "./run-single.ts";
import { runSweepCommand } from "./run-sweep-command.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** Runs the job or the sweep of a command line, or with `--dry-run` lists it, and returns the exit code. */
export function runJobs(command: Command, composer: AppComposer): Promise<number> {
  return composer.mode(command.line) === "MULTIRUN"
    ? runSweepCommand(command, composer)
    : single(command, composer);
}

async function single(
  { line, host, task, checked, saved, options }: Command,
  composer: AppComposer,
): Promise<number> {
  const composition = composer.compose({ mode: "RUN" });
  const check = await checked();
  check(previewPlace(composition, host.cwd));
  warnOfConfig(composition, host);
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
  return printOutcome(outcome, host);
}
