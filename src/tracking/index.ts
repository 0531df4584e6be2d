export { CompositeTracker, type CompositeTrackerOptions } from "./composite/composite-tracker.ts";
export { createTracker } from "./create-tracker.ts";
export { TrackingError, type TrackingErrorCode } from "./errors.ts";
export {
  type ExperimentEnd,
  type ExperimentStart,
  type ExperimentTracker,
  isResearchTracker,
  type LoggedModel,
  type MetricMoment,
  type ResearchTracker,
} from "./experiment-tracker.ts";
export { SimpleExperimentTracker } from "./file/simple-experiment-tracker.ts";
export { flattenParams } from "./flatten-params.ts";
export type { FollowerReport } from "./follower.ts";
export type { JournalRecord } from "./journal/journal-record.ts";
export type { FsyncPolicy } from "./journal/journal-writer.ts";
export { type JournalEntry, type ReadJournalOptions, readJournal } from "./journal/read-journal.ts";
export type { JournaledTrackerOptions, OnReport } from "./journaled-tracker.ts";
export { keepsRunFiles } from "./keeps-run-files.ts";
export { MlflowError, type MlflowErrorCode, type MlflowFaultKind } from "./mlflow/errors.ts";
export { MLflowExperimentTracker, type MLflowTrackerOptions } from "./mlflow/mlflow-experiment-tracker.ts";
export { type SyncRunOptions, syncRun } from "./mlflow/sync-run.ts";
export { redactKeys } from "./redact.ts";
export { type MirrorOptions, type MirrorReport, mirrorRegistry } from "./registry/mirror-registry.ts";
export { isModelUri, ModelRegistry, type NewVersion, parseModelUri } from "./registry/model-registry.ts";
export type {
  AliasRecord,
  ModelOrigin,
  RegisteredModel,
  RegistryRecord,
  VersionRecord,
} from "./registry/registry-records.ts";
export { type FoundRun, findRuns } from "./run/find-runs.ts";
export { deleteRun } from "./runs/delete-run.ts";
export { type ExportedRun, exportMlruns } from "./runs/export-mlruns.ts";
export { parseFilter, type RunFilter } from "./runs/filter.ts";
export { findRun } from "./runs/find-run.ts";
export { lookUp } from "./runs/look-up.ts";
export { type MetricSeries, readSeries } from "./runs/metric-series.ts";
export { type RunView, readRunView } from "./runs/run-view.ts";
export { type TrackerSettings, trackerSchema } from "./schema.ts";
export { type SyncRemotesOptions, serversOf, syncRemotes } from "./sync-remotes.ts";
export { WandbError, type WandbErrorCode } from "./wandb/errors.ts";
export { WandbExperimentTracker, type WandbTrackerOptions } from "./wandb/wandb-experiment-tracker.ts";
export { type OnWarning, printWarning } from "./warnings.ts";
