import { CompositeTracker } from "./composite/composite-tracker.ts";
import type { ExperimentTracker } from "./experiment-tracker.ts";
import { SimpleExperimentTracker } from "./file/simple-experiment-tracker.ts";
import { MLflowExperimentTracker } from "./mlflow/mlflow-experiment-tracker.ts";
import type { TrackerSettings } from "./schema.ts";
import type { OnWarning } from "./warnings.ts";

interface CreateTrackerOptions {
  readonly onWarning?: OnWarning;
}

/**
 * The tracker that the settings describe. A server alone gets the run folder's files beside it; a composite is just what it lists.
 *
 * @throws {MlflowError} MLFLOW_URI, MLFLOW_SETTING
 */
export function createTracker(
  settings: TrackerSettings,
  options: CreateTrackerOptions = {},
): ExperimentTracker {
  if (settings.name === "file") return oneTracker(settings, options);
  const children =
    settings.name === "composite"
      ? settings.trackers
      : [{ name: "file" as const, fsync: settings.fsync }, settings];
  return new CompositeTracker(
    children.map((child) => oneTracker(child, options)),
    options,
  );
}

function oneTracker(
  settings: Exclude<TrackerSettings, { name: "composite" }>,
  options: CreateTrackerOptions,
): ExperimentTracker {
  const { fsync } = settings;
  if (settings.name === "file") return new SimpleExperimentTracker({ ...options, fsync });
  return new MLflowExperimentTracker(settings.uri, {
    ...options,
    fsync,
    deadlineSeconds: settings.deadline_seconds,
  });
}
