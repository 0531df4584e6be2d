import type { Frequency } from "./frequency.ts";
import type { Scaler } from "./scaler.ts";

export const partNames = ["train", "validation", "test"] as const;
export type PartName = (typeof partNames)[number];

/** Where the values came from. */
export interface DataSource {
  readonly name: string;
  /** The file that was read: absolute. */
  readonly path: string;
  readonly sha256: string;
  readonly rows: number;
}

/**
 * One multivariate series, scaled. Channels stand in the order targets, observable, control, conditional.
 * The typed arrays belong to the series: read them, do not write.
 */
export interface Series {
  /** Scaled values, row-major [rows, channels]; 0 where missing. */
  readonly series: Float32Array;
  /** 1 where a value was there, [rows, channels]; null: everywhere. */
  readonly observed: Uint8Array | null;
  readonly rows: number;
  readonly columns: readonly string[];
  /** Channels to forecast. */
  readonly targetChannels: readonly number[];
  /** Channels whose future is known: observable and control columns. */
  readonly exogenousChannels: readonly number[];
  /** Channels known in the past only; their future is given as 0. */
  readonly conditionalChannels: readonly number[];
  /** Milliseconds since 1970, UTC where the file names no zone; null without a time column. */
  readonly timestamps: Float64Array | null;
  readonly frequency: Frequency | null;
  readonly scaler: Scaler;
  readonly source: DataSource;
}

/** Rows [from, to) of one part, and where its windows begin. Validation and test begin `context` rows early. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** The first context row of each window, in the rows of the file. */
  readonly starts: Int32Array;
}

export interface Dataset extends Series {
  /** Steps a model sees. */
  readonly context: number;
  /** Steps a model forecasts. */
  readonly horizon: number;
  readonly splits: Readonly<Record<PartName, Part>>;
  /** Samples in a season, at most `context`. */
  readonly seasonLength: number;
  /** Sentences to show the user: gaps in time, a season that does not fit. Usually none. */
  readonly notes: readonly string[];
}
