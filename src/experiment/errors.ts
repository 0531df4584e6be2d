import { TtmError } from "../core/index.ts";

export type ExperimentErrorCode =
  | "EXPERIMENT_BAD_FILE"
  | "EXPERIMENT_INTERRUPTED"
  | "EXPERIMENT_NOT_LOADED"
  | "EXPERIMENT_NO_TEST_WINDOWS";

/** An experiment that cannot be put together, or that was stopped. */
export class ExperimentError extends TtmError<ExperimentErrorCode> {}
