import { CompositeTracker } from "./composite/composite-tracker.ts";
import type { ExperimentTracker } from "./experiment-tracker.ts";
import { JournaledTracker } from "./journaled-tracker.ts";

/** Whether a tracker writes the readable files of a run (`run_summary.json` and the others) into its folder. */
export function keepsRunFiles(tracker: ExperimentTracker): boolean {
  if (tracker instanceof CompositeTracker) return tracker.children.some(keepsRunFiles);
  return tracker instanceof JournaledTracker && tracker.readable;
}
