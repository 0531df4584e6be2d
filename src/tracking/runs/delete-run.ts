import { rm } from "node:fs/promises";
import { TrackingError } from "../errors.ts";
import { isHeld } from "../journal/lease.ts";
import { type FoundRun, findRuns } from "../run/find-runs.ts";

/**
 * Removes a run's folder with everything in it; a sweep's with its jobs. What remotes have of it stays there.
 *
 * @throws {TrackingError} TRACKING_RUN_BUSY while a process writes it, or one of its jobs
 */
export async function deleteRun({ runDir }: FoundRun): Promise<void> {
  for (const run of await findRuns(runDir)) {
    if (!(await isHeld(`${run.journalPath}.lease`))) continue;
    throw new TrackingError("TRACKING_RUN_BUSY", "a process is writing this run", {
      where: run.runDir,
      fix: "stop it first, or wait until it ends",
    });
  }
  await rm(runDir, { recursive: true });
}
