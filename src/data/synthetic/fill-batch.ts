import { drawSeries } from "./draw-series.ts";
import { chance } from "./draws.ts";
import { drawMissingSpans } from "./missing-spans.ts";
import { normaliseWindow } from "./normalise-window.ts";
import { drawRecordedWindow, type Recording } from "./recorded-window.ts";
import { seriesRandom } from "./series-random.ts";

export interface StreamSettings {
  readonly seed: number;
  /** Steps of a series that a model sees, and that it forecasts. */
  readonly context: number;
  readonly horizon: number;
  /** Share of series with missing values. */
  readonly missing: number;
  /** Share of series that are cut from recordings instead of being drawn; 0 without any. */
  readonly recorded: number;
  readonly recordings: readonly Recording[];
}

/** A place for series, one after the other: [series, context + horizon]. */
export interface SeriesBlock {
  readonly values: Float32Array;
  /** 1 where a value is there; null where none is missing. */
  readonly observed: Uint8Array | null;
}

/**
 * Fills series `from` … `to` − 1 of a batch. Each is scaled by its context to mean 0 and deviation 1, so that an error is
 * one in units of the context's deviation, and is a function of (seed, step, its place in the batch) alone.
 */
export function fillBatch(
  { values, observed }: SeriesBlock,
  settings: StreamSettings,
  { step, from, to }: { readonly step: number; readonly from: number; readonly to: number },
): void {
  const { seed, context, horizon } = settings;
  const length = context + horizon;
  for (let index = from; index < to; index++) {
    const random = seriesRandom({ seed, step, index });
    const place = values.subarray(index * length, (index + 1) * length);
    const mask = observed?.subarray(index * length, (index + 1) * length);
    mask?.fill(1);
    const recorded = settings.recordings.length > 0 && chance(random, settings.recorded);
    place.set(
      recorded ? drawRecordedWindow(random, settings.recordings, length, mask) : drawSeries(random, length),
    );
    if (mask && chance(random, settings.missing)) drawMissingSpans(random, mask);
    normaliseWindow(place, mask, context);
  }
}
