import { TtmError } from "../core/index.ts";

export type ExperimentErrorCode =
  | "EXPERIMENT_BAD_CALLBACK"
  | "EXPERIMENT_BAD_FILE"
  | "EXPERIMENT_INTERRUPTED"
  | "EXPERIMENT_NOTHING_TO_RESUME"
  | "EXPERIMENT_NOT_LOADED"
  | "EXPERIMENT_NO_ADAPTER"
  | "EXPERIMENT_NO_CALLBACK"
  | "EXPERIMENT_NO_TEST_WINDOWS"
  | "EXPERIMENT_OTHER_BASE";

/** An experiment that cannot be put together, or that was stopped. */
export class ExperimentError extends TtmError<ExperimentErrorCode> {}
