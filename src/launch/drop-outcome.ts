import { rmSync } from "node:fs";
import { join } from "node:path";
import { isFileLock, takeLock } from "../core/index.ts";
import type { JobOutcome } from "./job.ts";
import { isFinal, outcomeName, readOutcome } from "./outcome-file.ts";
import { jobLockFile } from "./run-job-once.ts";

/**
 * Takes away the outcome of an attempt after which another one begins. A process that was given up may have completed the job
 * after all; and while one still works on it, what it is about to leave is left alone.
 *
 * @returns the outcome that stands, so that no other attempt is needed
 */
export function dropOutcome(folder: string, sweepId: string | undefined): JobOutcome | undefined {
  const lock = takeLock(jobLockFile(folder));
  if (!isFileLock(lock)) return undefined;
  try {
    const outcome = readOutcome(folder, sweepId);
    if (outcome !== undefined && isFinal(outcome)) return outcome;
    rmSync(join(folder, outcomeName), { force: true });
    return undefined;
  } finally {
    lock.release();
  }
}
