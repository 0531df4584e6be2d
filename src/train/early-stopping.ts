import type { TrainingCallback, TrainingControl } from "./training-callback.ts";

/** Ends training once so many epochs in a row had no better validation loss than an earlier one. */
export function earlyStopping(patience: number): TrainingCallback {
  const check = (_: unknown, { progress, stop }: TrainingControl) => {
    if (progress.waited >= patience) stop("early");
  };
  return { start: check, epoch: check };
}
