export { CompositeTracker, type CompositeTrackerOptions } from "./composite/composite-tracker.ts";
export { createTracker } from "./create-tracker.ts";
export { TrackingError, type TrackingErrorCode } from "./errors.ts";
export type {
  ExperimentEnd,
  ExperimentStart,
  ExperimentTracker,
  LoggedModel,
  MetricMoment,
} from "./experiment-tracker.ts";
export { SimpleExperimentTracker } from "./file/simple-experiment-tracker.ts";
export { flattenParams } from "./flatten-params.ts";
export type { FollowerReport } from "./follower.ts";
export type { JournalRecord } from "./journal/journal-record.ts";
export type { FsyncPolicy } from "./journal/journal-writer.ts";
export { type JournalEntry, type ReadJournalOptions, readJournal } from "./journal/read-journal.ts";
export type { JournaledTrackerOptions } from "./journaled-tracker.ts";
export { keepsRunFiles } from "./keeps-run-files.ts";
export { MlflowError, type MlflowErrorCode, type MlflowFaultKind } from "./mlflow/errors.ts";
export { MLflowExperimentTracker, type MLflowTrackerOptions } from "./mlflow/mlflow-experiment-tracker.ts";
export { type SyncRunOptions, syncRun } from "./mlflow/sync-run.ts";
export { type TrackerSettings, trackerSchema } from "./schema.ts";
export { type OnWarning, printWarning } from "./warnings.ts";
