import { CompositeTracker } from "./composite/composite-tracker.ts";
import type { ExperimentTracker } from "./experiment-tracker.ts";
import { SimpleExperimentTracker } from "./file/simple-experiment-tracker.ts";
import type { JournaledTrackerOptions, OnReport } from "./journaled-tracker.ts";
import { MLflowExperimentTracker } from "./mlflow/mlflow-experiment-tracker.ts";
import type { TrackerSettings } from "./schema.ts";
import { WandbExperimentTracker } from "./wandb/wandb-experiment-tracker.ts";
import type { OnWarning } from "./warnings.ts";

export interface CreateTrackerOptions {
  readonly onWarning?: OnWarning;
  /** Called at the end of a run with what each remote has got. */
  readonly onReport?: OnReport;
}

/**
 * The tracker that the settings describe. A server alone gets the run folder's files beside it; a composite is just what it lists.
 *
 * @throws {MlflowError} MLFLOW_URI, MLFLOW_SETTING
 * @throws {WandbError} WANDB_SETTING
 */
export function createTracker(
  settings: TrackerSettings,
  options: CreateTrackerOptions = {},
): ExperimentTracker {
  if (settings.name === "file") return oneTracker(settings, options);
  const children =
    settings.name === "composite"
      ? settings.trackers
      : [{ name: "file" as const, fsync: settings.fsync, system_metrics_seconds: 0 }, settings];
  return new CompositeTracker(
    children.map((child) => oneTracker(child, options)),
    settings.name === "composite"
      ? { ...options, systemMetricsSeconds: settings.system_metrics_seconds }
      : options,
  );
}

function oneTracker(
  settings: Exclude<TrackerSettings, { name: "composite" }>,
  options: CreateTrackerOptions,
): ExperimentTracker {
  const { fsync, system_metrics_seconds: systemMetricsSeconds } = settings;
  const common = { ...options, fsync, systemMetricsSeconds };
  if (settings.name === "file") return new SimpleExperimentTracker(common);
  if (settings.name === "wandb") return wandbTracker(settings, common);
  return new MLflowExperimentTracker(settings.uri, {
    ...common,
    deadlineSeconds: settings.deadline_seconds,
  });
}

function wandbTracker(
  settings: Extract<TrackerSettings, { name: "wandb" }>,
  common: JournaledTrackerOptions,
): ExperimentTracker {
  return new WandbExperimentTracker({
    ...common,
    deadlineSeconds: settings.deadline_seconds,
    project: settings.project ?? undefined,
    entity: settings.entity ?? undefined,
    group: settings.group ?? undefined,
    jobType: settings.job_type ?? undefined,
    notes: settings.notes ?? undefined,
    tags: settings.tags ?? undefined,
    dir: settings.dir ?? undefined,
  });
}
