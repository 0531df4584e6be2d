import type { JobOutcome } from "../launch/index.ts";
import { interruptedExitCode, isFinal, summaryText, withInterrupts } from "../launch/index.ts";
import type { AppComposer } from "./app-composer.ts";
import { closingText } from "./closing-text.ts";
import { dryRunText } from "./dry-run.ts";
import type { AppHost } from "./host.ts";
import { multiRun, openMulti } from "./open-multi.ts";
import { plainView } from "./plain-view.ts";
import { printFault } from "./print-fault.ts";
import type { Command } from "./run-command.ts";
import type { MultiResult } from "./run-multi.ts";
import { runMulti } from "./run-multi.ts";
import type { SweepView } from "./sweep-view.ts";
import { warnOfConfig } from "./warn-of-config.ts";

/** So many failed jobs are printed with all that is known of them; the others stand in the table and in sweep.json. */
const SHOWN_FAILURES = 10;

/** A sweep from its beginning or, where the command resumes one, from where that was broken off. */
export async function runSweepCommand(command: Command, composer: AppComposer): Promise<number> {
  const { line, host } = command;
  const check = await command.checked();
  const isShort = line.isSet("dryRun") || line.isSet("detach");
  const view = isShort ? plainView(host.stderr) : await viewFor(host);
  const stderr = (text: string) => view.print(text);
  const jobHost = { ...host, stderr, ...(line.isSet("json") ? { stdout: stderr } : {}) };
  const run = multiRun(command, composer, { check, host: jobHost });
  warnOfConfig(run.master, host);
  if (line.isSet("dryRun")) {
    host.stdout(dryRunText.sweep(run));
    return 0;
  }
  if (line.isSet("detach")) {
    const { detachSweep } = await import("./detach-sweep.ts");
    return detachSweep(command, run, () => openMulti(command, composer, run));
  }
  const opened = openMulti(command, composer, run);
  try {
    const result = await withInterrupts((signal) => runMulti(run, opened, view, signal));
    return printResult(command, opened.folder.dir, result);
  } finally {
    opened.release();
  }
}

/** A terminal is drawn over; elsewhere there are lines. */
async function viewFor({ terminal, stderr }: AppHost): Promise<SweepView> {
  if (terminal === undefined) return plainView(stderr);
  const { LiveView } = await import("./live-view.ts");
  return new LiveView(terminal);
}

function printResult(
  { options, host, line }: Command,
  dir: string,
  { summary, outcomes, objectives, stopped }: MultiResult,
): number {
  printFailures(outcomes, host);
  const facts = { app: options.name, dir, objectives, cwd: host.cwd };
  host.stderr(options.summarize?.(outcomes, facts) ?? closingText(outcomes, facts));
  if (stopped !== undefined) printFault(stopped, host);
  if (line.isSet("json")) host.stdout(summaryText(summary));
  if (summary.status === "interrupted" || summary.status === "cancelled") {
    host.stderr(`go on with   ${options.name} --multirun --resume ${dir}\n`);
    return interruptedExitCode;
  }
  return outcomes.every(isFinal) ? 0 : 1;
}

function printFailures(outcomes: readonly JobOutcome[], host: AppHost): void {
  const failed = outcomes.filter(({ status }) => status === "failed");
  for (const outcome of failed.slice(0, SHOWN_FAILURES)) {
    host.stderr(`#${outcome.num} failed   ${outcome.overrides.join(" ")}\n`);
    printFault(outcome.error, host);
  }
  if (failed.length > SHOWN_FAILURES) host.stderr(`… and ${failed.length - SHOWN_FAILURES} more failed\n`);
}
