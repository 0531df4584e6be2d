import { TtmError } from "../../core/index.ts";

export type OverrideErrorCode =
  /** The word does not parse. */
  | "OVERRIDE_SYNTAX"
  /** `nmae(…)`: no such function. */
  | "OVERRIDE_UNKNOWN_FUNCTION"
  /** A function cannot take these arguments, or a cast failed. */
  | "OVERRIDE_BAD_CALL"
  /** A sweep whose values cannot be listed: an interval, a range with step 0, a sweep within a value. */
  | "OVERRIDE_NOT_ENUMERABLE";

/** A fault in an override word. */
export class OverrideError extends TtmError<OverrideErrorCode> {}
