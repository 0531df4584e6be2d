import { HUBER_DELTA, type LossKind } from "./loss.ts";

/** Sums of forecast errors per channel, over all windows and steps; float64. */
export interface ErrorSums {
  readonly squared: Float64Array;
  readonly absolute: Float64Array;
  readonly huber: Float64Array;
  /** Of the quantile loss; zeros where that is not what is trained. */
  readonly quantile: Float64Array;
  /** Observed values that went in. */
  readonly count: Float64Array;
}

/** Mean errors over a split. */
export interface ForecastErrors {
  readonly mse: number;
  readonly mae: number;
  readonly msePerChannel: readonly number[];
  readonly maePerChannel: readonly number[];
}

export function emptySums(channels: number): ErrorSums {
  const zeros = () => new Float64Array(channels);
  return { squared: zeros(), absolute: zeros(), huber: zeros(), quantile: zeros(), count: zeros() };
}

/** Adds the sums of `more` to `into`. */
export function addSums(into: ErrorSums, more: ErrorSums): void {
  for (const key of ["squared", "absolute", "huber", "quantile", "count"] as const) {
    for (let channel = 0; channel < into[key].length; channel++) {
      (into[key][channel] as number) += more[key][channel] as number;
    }
  }
}

export interface ErrorBatch {
  /** Forecasts and truth, row-major [windows, steps, channels]. */
  readonly predictions: Float32Array;
  readonly target: Float32Array;
  /** 0 where the truth is missing or the window is padding; channels that are no targets are 0 throughout. */
  readonly mask: Float32Array;
}

/** Adds the errors of one batch. */
export function accumulateErrors(into: ErrorSums, { predictions, target, mask }: ErrorBatch): void {
  const channels = into.count.length;
  const { squared, absolute, huber, count } = into;
  for (let index = 0, channel = 0; index < target.length; index++, channel++) {
    if (channel === channels) channel = 0;
    if (mask[index] === 0) continue;
    const size = Math.abs((predictions[index] as number) - (target[index] as number));
    (squared[channel] as number) += size * size;
    (absolute[channel] as number) += size;
    (huber[channel] as number) +=
      size <= HUBER_DELTA ? 0.5 * size * size : HUBER_DELTA * (size - 0.5 * HUBER_DELTA);
    (count[channel] as number) += 1;
  }
}

/** Means over the given channels: over every observed value, as benchmarks report them. */
export function meanErrors(sums: ErrorSums, channels: readonly number[]): ForecastErrors {
  const perChannel = (values: Float64Array) =>
    channels.map((c) => (values[c] as number) / (sums.count[c] as number));
  return {
    mse: overall(sums, "squared", channels),
    mae: overall(sums, "absolute", channels),
    msePerChannel: perChannel(sums.squared),
    maePerChannel: perChannel(sums.absolute),
  };
}

const sumOfLoss = {
  mse: "squared",
  mae: "absolute",
  huber: "huber",
  quantile: "quantile",
} as const satisfies Record<LossKind, string>;

/** The mean loss over the given channels. */
export function meanLoss(sums: ErrorSums, kind: LossKind, channels: readonly number[]): number {
  return overall(sums, sumOfLoss[kind], channels);
}

function overall(sums: ErrorSums, key: (typeof sumOfLoss)[LossKind], channels: readonly number[]): number {
  const total = (values: Float64Array) =>
    channels.reduce((sum, channel) => sum + (values[channel] as number), 0);
  return total(sums[key]) / total(sums.count);
}
