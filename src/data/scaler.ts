import { DataError } from "./errors.ts";
import type { Table } from "./read-table.ts";

/** x → (x − mean) / std, by column. */
export interface Scaler {
  readonly columns: readonly string[];
  readonly mean: readonly number[];
  /** Population standard deviation (divided by n); 1 for a constant column. */
  readonly std: readonly number[];
}

type Columns = Table["columns"];

/**
 * Mean and population standard deviation of rows [from, to), in float64, over the cells that are there.
 *
 * @throws {DataError} DATA_NO_VALUES for a column that is empty in these rows
 */
export function fitScaler(table: Table, from: number, to: number): Scaler {
  const moments = table.columns.map(({ name, values }) => {
    const present = values.subarray(from, to).filter((value) => !Number.isNaN(value));
    if (present.length === 0) throw emptyColumn(name, table.file, from, to);
    return momentsOf(present);
  });
  return freezeScaler(
    table.columns,
    moments.map(({ mean }) => mean),
    moments.map(({ std }) => std),
  );
}

/** The scaler that changes nothing. */
export function identityScaler(columns: Columns): Scaler {
  return freezeScaler(
    columns,
    columns.map(() => 0),
    columns.map(() => 1),
  );
}

/** Scales in float64 and rounds once to float32, row-major [rows, columns]; missing cells become 0. */
export function scaleColumns(columns: Columns, rows: number, scaler: Scaler): Float32Array {
  const scaled = new Float32Array(rows * columns.length);
  columns.forEach(({ values }, channel) => {
    const mean = scaler.mean[channel] as number;
    const std = scaler.std[channel] as number;
    for (let row = 0; row < rows; row++) {
      const value = ((values[row] as number) - mean) / std;
      scaled[row * columns.length + channel] = Number.isNaN(value) ? 0 : value;
    }
  });
  return scaled;
}

/**
 * Scaled values back in their own units, in float64.
 *
 * @param values  [..., channels.length], the channels fastest
 * @param channels  the scaler's columns that `values` holds; all of them if left out
 */
export function unscale(
  values: ArrayLike<number>,
  scaler: Scaler,
  channels: readonly number[] = scaler.mean.map((_, channel) => channel),
): Float64Array {
  return Float64Array.from(values, (value, index) => {
    const channel = channels[index % channels.length] as number;
    return value * (scaler.std[channel] as number) + (scaler.mean[channel] as number);
  });
}

function momentsOf(values: Float64Array): { mean: number; std: number } {
  const n = values.length;
  const rough = sumOf(values, (value) => value) / n;
  const mean = rough + sumOf(values, (value) => value - rough) / n;
  const variance = sumOf(values, (value) => (value - mean) ** 2) / n;
  return { mean, std: isConstant(variance, mean, n) ? 1 : Math.sqrt(variance) };
}

function sumOf(values: Float64Array, term: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += term(value);
  return sum;
}

/** A variance within the rounding error of its own computation (scikit-learn's `_is_constant_feature`). */
function isConstant(variance: number, mean: number, n: number): boolean {
  return variance <= n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2;
}

function freezeScaler(columns: Columns, mean: number[], std: number[]): Scaler {
  return Object.freeze({
    columns: Object.freeze(columns.map(({ name }) => name)),
    mean: Object.freeze(mean),
    std: Object.freeze(std),
  });
}

function emptyColumn(name: string, file: string, from: number, to: number): DataError {
  return new DataError(
    "DATA_NO_VALUES",
    `column '${name}' has no value in the train part (rows ${from} to ${to - 1})`,
    {
      where: file,
      fix: "leave the column out: data.target_columns=[…], or move the train part with data.split",
    },
  );
}
