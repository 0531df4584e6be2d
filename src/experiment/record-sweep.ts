import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ExperimentEnd, ExperimentTracker } from "../tracking/index.ts";
import { withRunFiles } from "./with-run-files.ts";

export interface RecordedSweep {
  /** The sweep's folder; its files are the run's. */
  readonly sweepDir: string;
  readonly experimentName: string;
  readonly tracker: ExperimentTracker;
  /** The sweep's override words as typed. */
  readonly overrides: readonly string[];
  /** How many jobs there will be, where that is known. */
  readonly jobs: number | undefined;
}

/** Closes a sweep's run. */
export type EndSweep = (status: ExperimentEnd["status"]) => Promise<void>;

/** Records a sweep as a run of its own, which its jobs' runs name as their parent ({@link sweepRunId}). */
export async function recordSweep(sweep: RecordedSweep): Promise<EndSweep> {
  const { sweepDir, experimentName, overrides, jobs = null } = sweep;
  const tracker = withRunFiles(sweep.tracker);
  await tracker.startExperiment({
    experimentName,
    runName: `sweep ${basename(dirname(sweepDir))} ${basename(sweepDir)}`,
    runDir: sweepDir,
  });
  // A run's params are recorded once: a server refuses others when the sweep is resumed.
  if (!existsSync(join(sweepDir, "params.json")))
    await tracker.logParams({ sweep: { overrides: overrides.join(" "), jobs } });
  return async (status) => {
    const table = join(sweepDir, "sweep.json");
    if (existsSync(table)) await tracker.logArtifact(table);
    await tracker.endExperiment({ status });
  };
}

/** The id of the run that records a sweep; it is read from the sweep's folder, so that a job on another machine finds it, too. */
export function sweepRunId(sweepDir: string): string | null {
  const file = join(sweepDir, "run_summary.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).run_id : null;
}
