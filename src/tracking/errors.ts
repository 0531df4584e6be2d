import { TtmError } from "../core/index.ts";

export type TrackingErrorCode =
  | "TRACKING_NOT_STARTED"
  | "TRACKING_ALREADY_STARTED"
  | "TRACKING_RUN_BUSY"
  | "TRACKING_RUN_MISMATCH"
  | "TRACKING_JOURNAL_MISSING"
  | "TRACKING_JOURNAL_VERSION"
  | "TRACKING_JOURNAL_DAMAGED"
  | "TRACKING_FOLDER"
  | "TRACKING_DISK"
  | "TRACKING_BAD_VALUE"
  | "TRACKING_ARTIFACT_MISSING"
  | "TRACKING_REMOTE_BEHIND"
  | "TRACKING_REFUSED"
  | "TRACKING_CHILD_FAILED"
  | "TRACKING_CHILD_SLOW"
  | "TRACKING_BAD_FILTER"
  | "TRACKING_NO_RUN"
  | "TRACKING_NO_MODEL"
  | "TRACKING_MODEL_NAME";

/** A fault of the tracking room: thrown by `startExperiment` and `syncRun`, handed to `onWarning` by everything else. */
export class TrackingError extends TtmError<TrackingErrorCode> {}
