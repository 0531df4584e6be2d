import { TtmError } from "../core/index.ts";

export type TrainErrorCode =
  | "TRAIN_BAD_CHECKPOINT"
  | "TRAIN_DIVERGED"
  | "TRAIN_NOTHING_TO_TRAIN"
  | "TRAIN_NOT_EXPORTABLE"
  | "TRAIN_NO_WINDOWS"
  | "TRAIN_UNKNOWN_METRIC"
  | "TRAIN_UNKNOWN_PARAMETER"
  | "TRAIN_WRONG_DROPOUT"
  | "TRAIN_WRONG_LOSS"
  | "TRAIN_WRONG_METRIC";

/** Training that cannot start or cannot go on. */
export class TrainError extends TtmError<TrainErrorCode> {}
