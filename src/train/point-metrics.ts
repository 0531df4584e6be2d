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
  const all = observedPairs(forecasts);
  const mse = mean(all.map(([y, p]) => (y - p) ** 2));
  const perChannel = Array.from({ length: forecasts.channels }, (_, channel) =>
    rSquared(observedPairs(forecasts, channel)),
  );
  return {
    mse,
    mae: mean(all.map(([y, p]) => Math.abs(y - p))),
    rmse: Math.sqrt(mse),
    smape: mean(all.map(relativeError)),
    r2: rSquared(all),
    r2PerChannel: perChannel,
  };
}

export interface ScaledErrorOptions extends PointForecasts {
  /** What came before each window, row-major [window, rows, channel]; NaN where missing. */
  readonly history: ArrayLike<number>;
  /** Rows of a season, at least 1. */
  readonly season: number;
}

/**
 * The mean absolute scaled error: each window's and channel's mean |y − p| over its history's mean |x[t] − x[t − season]|,
 * then the mean. Windows and channels without an observed target do not count.
 *
 * @see Hyndman and Koehler 2006
 */
export function meanAbsoluteScaledError(options: ScaledErrorOptions): number {
  const { windows, channels } = options;
  const scaled: number[] = [];
  for (let window = 0; window < windows; window++) {
    for (let channel = 0; channel < channels; channel++) {
      const error = meanError(options, window, channel);
      if (!Number.isNaN(error)) scaled.push(error / meanChange(options, window, channel));
    }
  }
  return mean(scaled);
}

/** Mean |y − p| of one window and channel. */
function meanError(forecasts: PointForecasts, window: number, channel: number): number {
  const { steps, channels, target, predictions } = forecasts;
  const errors = Array.from({ length: steps }, (_, step) => {
    const index = (window * steps + step) * channels + channel;
    return Math.abs(Number(target[index]) - Number(predictions[index]));
  });
  return mean(errors.filter((error) => !Number.isNaN(error)));
}

/** Mean |x[t] − x[t − season]| of one window's and channel's history. */
function meanChange(options: ScaledErrorOptions, window: number, channel: number): number {
  const { windows, channels, season, history } = options;
  const rows = history.length / (windows * channels);
  const changes = Array.from({ length: Math.max(0, rows - season) }, (_, row) => {
    const now = (window * rows + row + season) * channels + channel;
    return Math.abs(Number(history[now]) - Number(history[now - season * channels]));
  });
  return mean(changes.filter((change) => !Number.isNaN(change)));
}

type Pair = readonly [target: number, prediction: number];

/** Truth and forecast wherever the truth was observed: of one channel, or of all. */
function observedPairs({ target, predictions, channels }: PointForecasts, channel?: number): Pair[] {
  const pairs: Pair[] = [];
  const stride = channel === undefined ? 1 : channels;
  for (let index = channel ?? 0; index < target.length; index += stride) {
    const truth = Number(target[index]);
    if (!Number.isNaN(truth)) pairs.push([truth, Number(predictions[index])]);
  }
  return pairs;
}

function relativeError([y, p]: Pair): number {
  const size = Math.abs(y) + Math.abs(p);
  return size === 0 ? 0 : (2 * Math.abs(y - p)) / size;
}

function rSquared(pairs: readonly Pair[]): number {
  const centre = mean(pairs.map(([y]) => y));
  const residual = pairs.reduce((sum, [y, p]) => sum + (y - p) ** 2, 0);
  return 1 - residual / pairs.reduce((sum, [y]) => sum + (y - centre) ** 2, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
