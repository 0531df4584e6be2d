import { type StartedSweep, type SweepCompanion, type SweepSummary, validate } from "../app/index.ts";
import { experimentSchema, recordSweep } from "../experiment/index.ts";
import { createTracker } from "../tracking/index.ts";

/** A sweep is a run of its own, in its first job's experiment and tracker; the jobs' runs are its children. */
export async function recordSweepRun(sweep: StartedSweep): Promise<SweepCompanion> {
  const config = validate(sweep.first, experimentSchema);
  const end = await recordSweep({
    sweepDir: sweep.dir,
    experimentName: config.experiment_name,
    tracker: createTracker(config.tracker),
    overrides: sweep.overrides,
    jobs: sweep.count,
  });
  return { end: (summary) => end(runStatus(summary)) };
}

function runStatus(summary: SweepSummary | undefined): "completed" | "failed" | "killed" {
  const status = summary?.status ?? "failed";
  if (status === "interrupted" || status === "cancelled") return "killed";
  return status === "completed" ? "completed" : "failed";
}
