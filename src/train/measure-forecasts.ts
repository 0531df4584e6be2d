import { type Dataset, gatherWindows } from "../data/index.ts";
import type { TrainEngine } from "./engine.ts";
import type { Forecast } from "./forecast.ts";
import type { ForecastBatch, Metric } from "./metric-registry.ts";

type Series = Pick<
  Dataset,
  | "series"
  | "observed"
  | "columns"
  | "conditionalChannels"
  | "context"
  | "horizon"
  | "targetChannels"
  | "seasonLength"
>;

/** Windows of one batch; what lies in memory at a time is their context, forecast and truth. */
const BATCH_WINDOWS = 64;

/**
 * Errors of the forecasts over windows, with the engine's parameters as they are now; only the target channels count.
 *
 * @param levels  the model's quantile levels; null for a model of points
 * @returns one number for each metric, in their order
 */
export async function measureForecasts(
  engine: TrainEngine,
  dataset: Series,
  starts: Int32Array,
  metrics: readonly Metric[],
  levels: readonly number[] | null,
): Promise<number[]> {
  const sums = metrics.map((metric) => metric.start());
  for (let from = 0; from < starts.length; from += BATCH_WINDOWS) {
    const part = starts.subarray(from, from + BATCH_WINDOWS);
    const forecast = await engine.predict(part);
    const batch = batchOf(dataset, part, forecast, levels);
    for (const sum of sums) sum.add(batch);
  }
  return sums.map((sum) => sum.value());
}

/** Cuts the target channels out of forecast and series. */
function batchOf(
  dataset: Series,
  starts: Int32Array,
  { predictions, quantiles }: Forecast,
  levels: readonly number[] | null,
): ForecastBatch {
  const { columns, context, horizon, targetChannels: kept, seasonLength } = dataset;
  const all = columns.length;
  const count = starts.length;
  const past = new Float32Array(count * context * all);
  const future = new Float32Array(count * horizon * all);
  const [pastObserved, futureObserved] = [new Uint8Array(past.length), new Uint8Array(future.length)];
  gatherWindows(dataset, starts, { past, future, pastObserved, futureObserved });
  return {
    windows: count,
    steps: horizon,
    channels: kept.length,
    predictions: columnsOf(predictions, all, kept),
    target: columnsOf(orMissing(future, futureObserved), all, kept),
    history: columnsOf(orMissing(past, pastObserved), all, kept),
    season: seasonLength,
    quantiles:
      quantiles && levelsLast(columnsOf(quantiles, all, kept), levels?.length ?? 0, horizon * kept.length),
    levels: levels ?? [],
  };
}

function orMissing(values: Float32Array, observed: Uint8Array): Float32Array {
  return values.map((value, index) => (observed[index] === 0 ? Number.NaN : value));
}

/** Some of the channels, which are the innermost dimension. */
function columnsOf(values: Float32Array, channels: number, kept: readonly number[]): Float32Array {
  if (kept.length === channels) return values;
  const cut = new Float32Array((values.length / channels) * kept.length);
  for (let index = 0; index < cut.length; index++) {
    const row = Math.floor(index / kept.length);
    cut[index] = values[row * channels + (kept[index % kept.length] as number)] as number;
  }
  return cut;
}

/** [window, level, value] → [window, value, level]. */
function levelsLast(values: Float32Array, levels: number, size: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const value = index % size;
    const level = Math.floor(index / size) % levels;
    const window = Math.floor(index / (size * levels));
    turned[(window * size + value) * levels + level] = values[index] as number;
  }
  return turned;
}
