import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { SweepHeader } from "../launch/index.ts";
import { lastWords, logFile, readSweepLog } from "../launch/index.ts";
import { AppComposer } from "./app-composer.ts";
import { AppError } from "./errors.ts";
import { parseWords } from "./parse-words.ts";
import type { Command } from "./run-command.ts";
import { readSavedRun } from "./saved-run.ts";

/** A sweep that some earlier process began. */
export interface ResumedSweep {
  readonly dir: string;
  readonly header: SweepHeader;
}

/** Whether a folder is a sweep's. */
export function isSweep(folder: string, cwd: string): boolean {
  return existsSync(logFile(resolve(cwd, folder)));
}

/** Goes on with a sweep from its folder; see {@link resumedCommand}. */
export async function resumeSweepCommand(command: Command, folder: string): Promise<number> {
  const resumed = resumedCommand(command, folder);
  const { runSweepCommand } = await import("./run-sweep-command.ts");
  return runSweepCommand(resumed.command, resumed.composer);
}

/**
 * The command that goes on with a sweep: its own words, to which those of the command line are added (more trials, another
 * launcher), in its own folder and by its own clock. Jobs that ended are not run again.
 *
 * @throws {LaunchError} LAUNCH_NO_SWEEP
 * @throws {AppError} APP_COMMAND_USAGE in another working directory than the sweep's, whose relative paths would lead elsewhere
 */
export function resumedCommand(
  command: Command,
  folder: string,
): { readonly command: Command; readonly composer: AppComposer } {
  const { host, line, options } = command;
  const dir = resolve(host.cwd, folder);
  const { header } = readSweepLog(dir);
  if (header.cwd !== host.cwd) throw elsewhere(command, header, dir);
  const words = parseWords([...lastWords(dir), ...line.words]);
  const isSet = (flag: Parameters<typeof line.isSet>[0]) => words.isSet(flag) || line.isSet(flag);
  const saved = header.rerun === null ? undefined : readSavedRun(header.rerun, host.cwd);
  const resumed: Command = {
    ...command,
    line: { ...words, isSet },
    resumed: { dir, header },
    ...(saved === undefined ? {} : { saved }),
  };
  // Every job reads the clock of the sweep's beginning, whenever it is composed.
  const clock = { ...host, now: () => new Date(header.now) };
  return { command: resumed, composer: new AppComposer(options, resumed.line, clock, saved) };
}

function elsewhere({ options }: Command, { cwd }: SweepHeader, dir: string): AppError {
  return new AppError("APP_COMMAND_USAGE", "the sweep was begun in another working directory", {
    where: cwd,
    fix: `cd ${cwd} && ${options.name} --multirun --resume ${dir}`,
  });
}
