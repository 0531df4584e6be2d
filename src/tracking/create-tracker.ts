import { CompositeTracker } from "./composite/composite-tracker.ts";
import type { ExperimentTracker } from "./experiment-tracker.ts";
import { SimpleExperimentTracker } from "./file/simple-experiment-tracker.ts";
import { MLflowExperimentTracker } from "./mlflow/mlflow-experiment-tracker.ts";
import type { TrackerSettings } from "./schema.ts";
import type { OnWarning } from "./warnings.ts";

/**
 * The tracker that the settings describe.
 *
 * @throws {MlflowError} MLFLOW_URI, MLFLOW_SETTING
 */
export function createTracker(
  settings: TrackerSettings,
  options: { readonly onWarning?: OnWarning } = {},
): ExperimentTracker {
  switch (settings.name) {
    case "file":
      return new SimpleExperimentTracker({ ...options, fsync: settings.fsync });
    case "mlflow":
      return new MLflowExperimentTracker(settings.uri, {
        ...options,
        fsync: settings.fsync,
        deadlineSeconds: settings.deadline_seconds,
      });
    case "composite":
      return new CompositeTracker(
        settings.trackers.map((child) => createTracker(child, options)),
        options,
      );
  }
}
