import { formatError } from "../core/index.ts";
import type { ExperimentReporter } from "../experiment/index.ts";

/**
 * A sweep's job on the terminal: silent, for the sweep shows its jobs itself. Only what the first job has to say of all of them
 * (where the weights come from, what a setting could not do) is shown; every job's log has the whole.
 */
export function sweepJobReporter(num: number | null, write: (text: string) => void): ExperimentReporter {
  if (num !== 0) return {};
  return {
    note: (text) => write(`note        ${text}\n`),
    warning: (warning) => write(`${formatError(warning).replace(/^error/, "warning")}\n`),
  };
}
