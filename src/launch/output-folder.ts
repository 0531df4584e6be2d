import { claimFolder } from "./claim-folder.ts";
import type { FolderSetting } from "./hydra-settings.ts";
import { lockFolder } from "./lock-folder.ts";

export interface OutputFolder {
  /** Absolute. */
  readonly dir: string;
  /** Made for this run, so nothing of an older one is in it. */
  readonly isNew: boolean;
  /** Gives the folder back; call it when the run has ended. */
  release(): void;
}

/**
 * The folder of a run or a sweep, never shared by two that live at the same time.
 *
 * A name with the clock in it (`outputs/${now:…}`) means "a new folder for every run": where two runs meet in one
 * second, the second gets `…-1`. A name without a clock is one that the user chose: it is used again by the next run, as
 * in Hydra, and a run that finds it held by a live one stops.
 *
 * @throws {LaunchError} LAUNCH_FOLDER, LAUNCH_FOLDER_IN_USE
 */
export function openOutputFolder({ path, isClocked }: FolderSetting): OutputFolder {
  const dir = isClocked ? claimFolder(path) : path;
  return { dir, isNew: isClocked, release: lockFolder(dir) };
}
