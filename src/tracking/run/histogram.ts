import type { TensorValues } from "../experiment-tracker.ts";

export interface Histogram {
  /** Borders of the bins, one more than counts. */
  readonly bins: readonly number[];
  readonly counts: readonly number[];
  readonly mean: number;
  readonly std: number;
}

const BINS = 64;

/** The distribution of the finite values in 64 equal bins from the least to the greatest; undefined where there are none. */
export function histogramOf(values: TensorValues): Histogram | undefined {
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let mean = 0;
  let squares = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    count += 1;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
    // Welford's way: no difference of large sums.
    const away = value - mean;
    mean += away / count;
    squares += away * (value - mean);
  }
  if (count === 0) return undefined;
  const { bins, counts } = countInBins(values, least, greatest);
  return { bins, counts, mean, std: Math.sqrt(squares / count) };
}

/** A tensor of one value alone gets a bin of width 1 around it. */
function countInBins(
  values: TensorValues,
  least: number,
  greatest: number,
): Pick<Histogram, "bins" | "counts"> {
  const [from, to] = least === greatest ? [least - 0.5, greatest + 0.5] : [least, greatest];
  const bins = Array.from({ length: BINS + 1 }, (_, at) => from + ((to - from) * at) / BINS);
  const counts = new Array<number>(BINS).fill(0);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? Number.NaN;
    if (!Number.isFinite(value)) continue;
    const bin = Math.min(BINS - 1, Math.floor(((value - from) / (to - from)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { bins, counts };
}
