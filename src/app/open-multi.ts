import { randomUUID } from "node:crypto";
import type { Composition } from "../config/index.ts";
import type { OpenedSweep, SweepHeader } from "../launch/index.ts";
import { beginSweep, folderSetting, hydraText, openOutputFolder, resumeSweep } from "../launch/index.ts";
import type { AppComposer } from "./app-composer.ts";
import { handedSweep } from "./handed-sweep.ts";
import type { AppHost } from "./host.ts";
import type { Check } from "./load-check.ts";
import { previewPlace } from "./preview-place.ts";
import type { Command } from "./run-command.ts";
import type { MultiRun } from "./run-multi.ts";
import { sweepWords } from "./sweep-words.ts";

/** The sweep of a command line, composed and not begun. */
export function multiRun(
  { options, task, line }: Command,
  composer: AppComposer,
  { check, host }: { readonly check: Check; readonly host: AppHost },
): MultiRun {
  return {
    master: composer.compose({ mode: "MULTIRUN", allowMissingChoices: true }),
    overrides: composer.taskOverrides,
    task,
    host,
    json: false,
    retryFailed: line.isSet("retryFailed"),
    launchers: options.launchers ?? {},
    sweepers: options.sweepers ?? {},
    callbacks: options.callbacks ?? {},
    aroundSweep: options.aroundSweep,
    composeJob(overrides, num): Composition {
      const composition = composer.composeJob(overrides, num);
      check(previewPlace(composition, host.cwd));
      return composition;
    },
  };
}

/**
 * Gives a sweep its folder and its log: a new one, or those of the sweep that the command resumes.
 *
 * @throws {LaunchError} LAUNCH_FOLDER, LAUNCH_FOLDER_IN_USE, LAUNCH_UNFINISHED, LAUNCH_NO_SWEEP
 */
export function openMulti(
  { options, line, host, resumed }: Command,
  composer: AppComposer,
  { master }: MultiRun,
): OpenedSweep {
  const argv = sweepWords(line);
  if (resumed !== undefined) {
    const isHandedOn = host.env[handedSweep] === resumed.dir;
    return resumeSweep(resumed.dir, argv, { isHandedOn });
  }
  const folder = openOutputFolder(folderSetting(master, "sweep.dir", host.cwd));
  const header: SweepHeader = {
    event: "sweep",
    version: 1,
    id: randomUUID(),
    app: options.name,
    argv,
    rerun: composer.savedFolder ?? null,
    cwd: host.cwd,
    now: composer.now.toISOString(),
    sweeper: hydraText(master, "sweeper._target_") ?? "basic",
    launcher: hydraText(master, "launcher._target_") ?? "basic",
  };
  try {
    return beginSweep(folder, header);
  } catch (fault) {
    folder.release();
    throw fault;
  }
}
