import type { Dataset, PartName } from "./dataset.ts";

export interface NaiveErrors {
  /** Mean squared error over all windows, steps and target channels that have a value, on scaled data. */
  readonly mse: number;
  /** Mean absolute error, likewise. */
  readonly mae: number;
  readonly perChannel: readonly { readonly column: string; readonly mse: number; readonly mae: number }[];
  readonly windows: number;
  readonly seasonLength: number;
}

interface ErrorSums {
  squared: number;
  absolute: number;
  count: number;
}

/**
 * The errors of the seasonal naive forecast, which repeats the last season of the context: the least a model has to
 * beat. Where that season misses a value, the same step of the season before stands in, and 0 (the train mean) where
 * the whole context has none. Means are NaN where nothing was observed.
 */
export function seasonalNaive(
  dataset: Dataset,
  part: PartName,
  seasonLength = dataset.seasonLength,
): NaiveErrors {
  const { starts } = dataset.splits[part];
  const channels = dataset.targetChannels.map((channel) => {
    const sums: ErrorSums = { squared: 0, absolute: 0, count: 0 };
    for (const start of starts) addWindow(sums, dataset, channel, start, seasonLength);
    return { column: dataset.columns[channel] ?? "", sums };
  });
  const total: ErrorSums = { squared: 0, absolute: 0, count: 0 };
  for (const { sums } of channels) {
    total.squared += sums.squared;
    total.absolute += sums.absolute;
    total.count += sums.count;
  }
  return Object.freeze({
    ...meansOf(total),
    perChannel: channels.map(({ column, sums }) => ({ column, ...meansOf(sums) })),
    windows: starts.length,
    seasonLength,
  });
}

function addWindow(sums: ErrorSums, dataset: Dataset, channel: number, start: number, season: number): void {
  const { series, observed, context, horizon } = dataset;
  const width = dataset.columns.length;
  const border = start + context;
  for (let step = 0; step < horizon; step++) {
    const target = (border + step) * width + channel;
    if (observed !== null && observed[target] === 0) continue;
    const source = lastSeen(observed, channel, width, start, border - season + (step % season), season);
    const error = (series[target] as number) - (source < 0 ? 0 : (series[source] as number));
    sums.squared += error * error;
    sums.absolute += Math.abs(error);
    sums.count++;
  }
}

/** The place of the last value at `row` or whole seasons before it, not before `start`; −1 where there is none. */
function lastSeen(
  observed: Uint8Array | null,
  channel: number,
  width: number,
  start: number,
  row: number,
  season: number,
): number {
  for (let seen = row; seen >= start; seen -= season) {
    const place = seen * width + channel;
    if (observed === null || observed[place] === 1) return place;
  }
  return -1;
}

function meansOf({ squared, absolute, count }: ErrorSums): { mse: number; mae: number } {
  return { mse: squared / count, mae: absolute / count };
}
