/** Sizes of forecasts and truth, row-major [window, step, channel]. */
export interface ForecastShape {
  readonly windows: number;
  readonly steps: number;
  readonly channels: number;
}

export interface PointForecasts extends ForecastShape {
  readonly predictions: ArrayLike<number>;
  /** NaN where the truth is missing: such values count nowhere. */
  readonly target: ArrayLike<number>;
}

export interface ScaledErrorOptions extends PointForecasts {
  /** What came before each window, row-major [window, rows, channel]; NaN where missing. */
  readonly history: ArrayLike<number>;
  /** Rows of a season, at least 1. */
  readonly season: number;
}

/** A number over many forecasts, taken in batch by batch. */
export interface MetricSum<Batch> {
  add(batch: Batch): void;
  /** NaN where nothing was observed. */
  value(): number;
}

/** Errors of point forecasts, in the units of the data; NaN where nothing was observed. */
export interface PointMetrics {
  readonly mse: number;
  readonly mae: number;
  readonly rmse: number;
  /** Mean of 2|y − p| / (|y| + |p|), a fraction; 0/0 counts as 0. @see M4 competition, without its factor 100 */
  readonly smape: number;
  /** 1 − Σ(y − p)² / Σ(y − ȳ)² over all values. @see scikit-learn, r2_score */
  readonly r2: number;
  /** The same per channel, over windows and steps. */
  readonly r2PerChannel: readonly number[];
}

/** Errors of point forecasts over windows. */
export function pointMetrics(forecasts: PointForecasts): PointMetrics {
  const channels = Array.from({ length: forecasts.channels }, (_, channel) => channel);
  return {
    mse: over(squaredErrorSum(), forecasts),
    mae: over(absoluteErrorSum(), forecasts),
    rmse: over(rootSquaredErrorSum(), forecasts),
    smape: over(relativeErrorSum(), forecasts),
    r2: over(determinationSum(), forecasts),
    r2PerChannel: channels.map((channel) => over(determinationSum(channel), forecasts)),
  };
}

/** See {@link scaledErrorSum}. */
export function meanAbsoluteScaledError(options: ScaledErrorOptions): number {
  return over(scaledErrorSum(), options);
}

function over<Batch>(sum: MetricSum<Batch>, batch: Batch): number {
  sum.add(batch);
  return sum.value();
}

/** Mean (y − p)². */
export function squaredErrorSum(): MetricSum<PointForecasts> {
  return meanSum((y, p) => (y - p) ** 2);
}

/** Mean |y − p|. */
export function absoluteErrorSum(): MetricSum<PointForecasts> {
  return meanSum((y, p) => Math.abs(y - p));
}

/** √ of the mean (y − p)². */
export function rootSquaredErrorSum(): MetricSum<PointForecasts> {
  const squares = squaredErrorSum();
  return { add: squares.add, value: () => Math.sqrt(squares.value()) };
}

/** Mean 2|y − p| / (|y| + |p|), with 0/0 = 0. */
export function relativeErrorSum(): MetricSum<PointForecasts> {
  return meanSum((y, p) => {
    const size = Math.abs(y) + Math.abs(p);
    return size === 0 ? 0 : (2 * Math.abs(y - p)) / size;
  });
}

function meanSum(errorOf: (target: number, prediction: number) => number): MetricSum<PointForecasts> {
  let [sum, count] = [0, 0];
  return {
    add: (forecasts) =>
      eachPair(forecasts, (y, p) => {
        sum += errorOf(y, p);
        count++;
      }),
    value: () => sum / count,
  };
}

/**
 * 1 − Σ(y − p)² / Σ(y − ȳ)², of one channel or of all values together. The spread around the mean is updated value by value.
 *
 * @see Welford 1962
 */
export function determinationSum(channel?: number): MetricSum<PointForecasts> {
  let [residual, spread, mean, count] = [0, 0, 0, 0];
  return {
    add: (forecasts) =>
      eachPair(
        forecasts,
        (y, p) => {
          residual += (y - p) ** 2;
          const before = y - mean;
          mean += before / ++count;
          spread += before * (y - mean);
        },
        channel,
      ),
    value: () => (count === 0 ? Number.NaN : 1 - residual / spread),
  };
}

/**
 * The mean absolute scaled error: each window's and channel's mean |y − p| over its history's mean |x[t] − x[t − season]|,
 * then the mean. Windows and channels without an observed target do not count, nor do those whose history does not change from
 * season to season or is shorter than one: there is nothing to scale by.
 *
 * @see Hyndman and Koehler 2006
 */
export function scaledErrorSum(): MetricSum<ScaledErrorOptions> {
  let [sum, count] = [0, 0];
  return {
    add: (options) => {
      for (let window = 0; window < options.windows; window++) {
        for (let channel = 0; channel < options.channels; channel++) {
          const scaled = meanError(options, window, channel) / meanChange(options, window, channel);
          if (!Number.isFinite(scaled)) continue;
          sum += scaled;
          count++;
        }
      }
    },
    value: () => sum / count,
  };
}

/** Mean |y − p| of one window and channel. */
function meanError(forecasts: PointForecasts, window: number, channel: number): number {
  const { steps, channels, target, predictions } = forecasts;
  let [sum, count] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const index = (window * steps + step) * channels + channel;
    const error = Math.abs(Number(target[index]) - Number(predictions[index]));
    if (Number.isNaN(error)) continue;
    sum += error;
    count++;
  }
  return sum / count;
}

/** Mean |x[t] − x[t − season]| of one window's and channel's history. */
function meanChange(options: ScaledErrorOptions, window: number, channel: number): number {
  const { windows, channels, season, history } = options;
  const rows = history.length / (windows * channels);
  let [sum, count] = [0, 0];
  for (let row = season; row < rows; row++) {
    const now = (window * rows + row) * channels + channel;
    const change = Math.abs(Number(history[now]) - Number(history[now - season * channels]));
    if (Number.isNaN(change)) continue;
    sum += change;
    count++;
  }
  return sum / count;
}

/** Calls with truth and forecast wherever the truth was observed: of one channel, or of all. */
function eachPair(
  { target, predictions, channels }: PointForecasts,
  call: (target: number, prediction: number) => void,
  channel?: number,
): void {
  const stride = channel === undefined ? 1 : channels;
  for (let index = channel ?? 0; index < target.length; index += stride) {
    const truth = Number(target[index]);
    if (!Number.isNaN(truth)) call(truth, Number(predictions[index]));
  }
}
