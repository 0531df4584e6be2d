import type { Dataset } from "./dataset.ts";

type MaskArray = Float32Array | Uint8Array;

/** Row-major arrays to fill, all for the same number of windows B. */
export interface WindowArrays {
  /** [B, context, channels] */
  readonly past: Float32Array;
  /** [B, horizon, channels]; conditional channels are 0. Left out: only the past is copied. */
  readonly future?: Float32Array | undefined;
  /** [B, context, channels], 1 where a value is there. */
  readonly pastObserved?: MaskArray | undefined;
  /** [B, horizon, channels] */
  readonly futureObserved?: MaskArray | undefined;
}

type WindowSource = Pick<
  Dataset,
  "series" | "observed" | "columns" | "conditionalChannels" | "context" | "horizon"
>;

/**
 * Copies windows out of the series: the first `starts.length` of B; what is left of a partial batch becomes 0, in
 * the masks too.
 *
 * @param starts  the first context row of each window
 * @throws {RangeError} if an array is too small, or a window reaches outside the series
 */
export function gatherWindows(dataset: WindowSource, starts: ArrayLike<number>, into: WindowArrays): void {
  const { series, observed, context, horizon } = dataset;
  copyRows(series, dataset, starts, 0, context, into.past);
  if (into.pastObserved) copyRows(observed ?? 1, dataset, starts, 0, context, into.pastObserved);
  if (into.future) {
    copyRows(series, dataset, starts, context, horizon, into.future);
    clearConditional(dataset, into.future);
  }
  if (into.futureObserved) copyRows(observed ?? 1, dataset, starts, context, horizon, into.futureObserved);
}

/** Rows start + skip … + length of every start; `from` is a [rows, channels] array, or one number everywhere. */
function copyRows(
  from: Float32Array | Uint8Array | number,
  { series, columns }: WindowSource,
  starts: ArrayLike<number>,
  skip: number,
  length: number,
  into: MaskArray,
): void {
  const channels = columns.length;
  const size = length * channels;
  if (into.length < starts.length * size) {
    throw new RangeError(
      `${starts.length} windows need ${starts.length * size} values, the array has ${into.length}`,
    );
  }
  for (let window = 0; window < starts.length; window++) {
    const first = ((starts[window] as number) + skip) * channels;
    if (!(first >= 0 && first + size <= series.length)) {
      throw new RangeError(
        `window at row ${starts[window]} reaches outside the ${series.length / channels} rows`,
      );
    }
    if (typeof from === "number") into.fill(from, window * size, (window + 1) * size);
    else into.set(from.subarray(first, first + size), window * size);
  }
  into.fill(0, starts.length * size);
}

function clearConditional({ columns, conditionalChannels }: WindowSource, future: Float32Array): void {
  for (const channel of conditionalChannels) {
    for (let index = channel; index < future.length; index += columns.length) future[index] = 0;
  }
}
