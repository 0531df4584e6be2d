import type { SavedConfig } from "../config/index.ts";
import type { JobTask } from "../launch/index.ts";
import { AppComposer } from "./app-composer.ts";
import type { AppOptions } from "./app-settings.ts";
import type { AppHost } from "./host.ts";
import type { Check } from "./load-check.ts";
import type { CommandLine } from "./parse-words.ts";
import { printConfig } from "./print-config.ts";
import type { ResumedSweep } from "./resume-sweep.ts";

export interface Command {
  readonly options: AppOptions;
  readonly task: JobTask;
  readonly line: CommandLine;
  readonly host: AppHost;
  /** The run whose saved config stands for the app's. */
  readonly saved?: SavedConfig;
  /** The sweep to go on with, where its words stand for the command line's. */
  readonly resumed?: ResumedSweep;
  /** Loads what validates a composed config. */
  checked(): Promise<Check>;
}

/**
 * Does what the command line asks for and returns the exit code. What one command line needs and another does not is
 * loaded when it is needed.
 */
export async function runCommand(command: Command): Promise<number> {
  const { line, host, options } = command;
  if (line.isSet("version")) {
    host.stdout(`${options.name} ${options.version}\n`);
    return 0;
  }
  if (line.isSet("shellCompletion")) {
    const { completionText } = await import("./completion.ts");
    host.stdout(completionText(options, line, host));
    return 0;
  }
  if (line.resume !== undefined) return resumed(command, line.resume);
  const composer = new AppComposer(options, line, host, command.saved);
  const shown = await shownText(command, composer);
  if (shown !== undefined) {
    host.stdout(shown);
    return 0;
  }
  const { runJobs } = await import("./run-jobs.ts");
  return runJobs(command, composer);
}

async function resumed(command: Command, folder: string): Promise<number> {
  const { isSweep, resumeSweepCommand } = await import("./resume-sweep.ts");
  if (command.line.isSet("multirun") || isSweep(folder, command.host.cwd))
    return resumeSweepCommand(command, folder);
  const [{ resumeRun }, { printOutcome }, { withInterrupts }] = await Promise.all([
    import("./resume-run.ts"),
    import("./print-outcome.ts"),
    import("../launch/index.ts"),
  ]);
  const outcome = await withInterrupts((signal) => resumeRun(command, folder, signal));
  return printOutcome(outcome, command.host);
}

/** The text of the flags that print something instead of running. */
async function shownText(command: Command, composer: AppComposer): Promise<string | undefined> {
  const { line, options, host } = command;
  const resolve = line.isSet("resolve");
  const compose = () => composer.compose(line.isSet("multirun") ? { mode: "MULTIRUN" } : {});
  if (line.isSet("help") || line.isSet("hydraHelp")) {
    const { appHelp, hydraHelp } = await import("./print-help.ts");
    return line.isSet("help") ? appHelp(compose(), resolve) : hydraHelp(compose());
  }
  if (line.cfg !== undefined) return printConfig(compose(), { kind: line.cfg, path: line.package, resolve });
  if (line.info !== undefined) {
    const { infoText } = await import("./print-info.ts");
    return infoText(compose(), line.info, `${options.name} ${options.version}`);
  }
  if (line.query !== undefined) {
    const { queryText } = await import("./print-query.ts");
    return queryText(compose(), line.query, { resolve, json: line.isSet("json") });
  }
  if (line.explain === undefined) return undefined;
  const { explainText } = await import("./explain.ts");
  const { previewPlace } = await import("./preview-place.ts");
  const check = await command.checked();
  return explainText(compose(), line.explain, (composition) => check(previewPlace(composition, host.cwd)));
}
