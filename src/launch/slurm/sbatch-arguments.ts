import { join } from "node:path";
import type { SlurmSettings } from "./slurm-settings.ts";

export interface SbatchParts {
  readonly settings: SlurmSettings;
  /** Unique among all jobs of the user: an array is found again by it. */
  readonly jobName: string;
  /** Absolute folder of the batch, with `script.sh` in it. */
  readonly folder: string;
  /** How many tasks the array has, from index 0. */
  readonly tasks: number;
}

/**
 * The words behind `sbatch`. They are arguments and not `#SBATCH` lines, which a variable such as `SBATCH_PARTITION` would override.
 * Requeueing is always asked for, because the site's default may be either; so is appending to the log, or a requeue would empty it.
 */
export function sbatchArguments({ settings, jobName, folder, tasks }: SbatchParts): string[] {
  const { parallelism = tasks } = settings;
  const limit = parallelism < tasks ? `%${parallelism}` : "";
  const log = join(patternQuote(folder), "%a");
  return [
    "--parsable",
    `--array=0-${tasks - 1}${limit}`,
    "--requeue",
    "--open-mode=append",
    "--export=ALL",
    `--job-name=${jobName}`,
    `--output=${log}.log`,
    ...(settings.oneLog ? [] : [`--error=${log}.err`]),
    `--signal=B:USR2@${settings.signalDelay}`,
    ...settings.options,
    join(folder, "script.sh"),
  ];
}

/** `%` begins a placeholder in the name of a log. */
function patternQuote(path: string): string {
  return path.replaceAll("%", "%%");
}
