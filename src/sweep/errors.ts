import { TtmError } from "../core/index.ts";

export type SweepErrorCode =
  /** A key of the sweep has no value at all, so there would be no job. */
  | "SWEEP_EMPTY"
  /** A kind of sweep that this sweeper cannot list. */
  | "SWEEP_KIND_UNSUPPORTED"
  /** `hydra.sweeper.max_batch_size` is not a whole number above 0. */
  | "SWEEP_BATCH_SIZE"
  /** `hydra.sweeper.params` is not a mapping, or holds a sweep over hydra's own keys. */
  | "SWEEP_PARAMS"
  /** `hydra.sweeper.grid`, `zip` or `points` is not of its form. */
  | "SWEEP_BLOCK"
  /** Keys that advance in step have different numbers of values. */
  | "SWEEP_ZIP_LENGTH"
  /** A setting of the sweeper is not of its kind, or out of bounds. */
  | "SWEEP_SETTING"
  /** A key cannot be searched: its interval is empty, a logarithm of nothing, a distribution of another form. */
  | "SWEEP_SPACE"
  /** More keys than the sequence has dimensions. */
  | "SWEEP_DIMENSIONS"
  /** `hydra.sweeper.sampler` names no registered sampler. */
  | "SWEEP_UNKNOWN_SAMPLER"
  /** `hydra.sweeper.pruner` names no registered pruner. */
  | "SWEEP_UNKNOWN_PRUNER"
  /** `hydra.sweeper._target_` names no registered sweeper. */
  | "SWEEP_UNKNOWN_SWEEPER";

/** A fault in how a sweep was asked for. */
export class SweepError extends TtmError<SweepErrorCode> {}
