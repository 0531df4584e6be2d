import {
  CompositeTracker,
  type ExperimentTracker,
  keepsRunFiles,
  SimpleExperimentTracker,
} from "../tracking/index.ts";

/** A run's folder always holds its files: a tracker that does not write them is joined by the one that does. */
export function withRunFiles(tracker: ExperimentTracker | undefined): ExperimentTracker {
  if (!tracker) return new SimpleExperimentTracker();
  return keepsRunFiles(tracker) ? tracker : new CompositeTracker([new SimpleExperimentTracker(), tracker]);
}
