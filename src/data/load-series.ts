import { isAbsolute, relative } from "node:path";
import type { Series } from "./dataset.ts";
import type { DownloadOptions } from "./download.ts";
import { DataError } from "./errors.ts";
import { detectFrequency } from "./frequency.ts";
import { locateSource } from "./locate-source.ts";
import { readTable, type Table } from "./read-table.ts";
import { type Scaler, scaleColumns } from "./scaler.ts";
import type { DataSettings } from "./schema.ts";
import type { ColumnRole } from "./select-columns.ts";

export interface LoadSeriesOptions extends DownloadOptions {
  /** The scaler of the run whose model will read the series. */
  readonly scaler: Scaler;
}

/**
 * Reads a series and scales it by a scaler that exists already: what forecasting with a trained model needs. Nothing
 * is split and no length is asked for.
 *
 * @throws {DataError} as {@link loadDataset}; DATA_WRONG_SCALER where the columns are not the scaler's
 */
export async function loadSeries(settings: DataSettings, options: LoadSeriesOptions): Promise<Series> {
  const { table, source } = await loadTable(settings, options);
  const names = table.columns.map(({ name }) => name);
  if (names.join("\n") !== options.scaler.columns.join("\n")) throw wrongScaler(table, names, options.scaler);
  return Object.freeze(seriesOf(table, options.scaler, source));
}

/** Finds, fetches and reads the file of the settings. */
export async function loadTable(
  settings: DataSettings,
  options: DownloadOptions,
): Promise<{ table: Table; source: Series["source"] }> {
  refuseUnsupported(settings);
  const { path, sha256 } = await locateSource(settings, options);
  const table = await readTable(shortPath(path), settings);
  const filled =
    settings.missing === "forward_fill" ? { ...table, columns: table.columns.map(fillForward) } : table;
  const source = Object.freeze({ name: settings.source_name, path, sha256, rows: table.rows });
  return { table: filled, source };
}

/** Below the working folder (which never changes) the relative path: it reads better in messages. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || isAbsolute(short) ? path : short;
}

export function seriesOf(table: Table, scaler: Scaler, source: Series["source"]): Series {
  const channelsOf = (...roles: ColumnRole[]): readonly number[] =>
    Object.freeze(table.columns.flatMap(({ role }, channel) => (roles.includes(role) ? [channel] : [])));
  return {
    series: scaleColumns(table.columns, table.rows, scaler),
    observed: observedMask(table),
    rows: table.rows,
    columns: Object.freeze(table.columns.map(({ name }) => name)),
    targetChannels: channelsOf("target"),
    exogenousChannels: channelsOf("observable", "control"),
    conditionalChannels: channelsOf("conditional"),
    timestamps: table.times,
    frequency: table.times === null ? null : detectFrequency(table.times),
    scaler,
    source,
  };
}

function observedMask({ columns, rows }: Table): Uint8Array | null {
  if (!columns.some(({ values }) => values.some(Number.isNaN))) return null;
  const mask = new Uint8Array(rows * columns.length);
  columns.forEach(({ values }, channel) => {
    for (let row = 0; row < rows; row++) {
      mask[row * columns.length + channel] = Number.isNaN(values[row]) ? 0 : 1;
    }
  });
  return mask;
}

/** Each missing cell takes the value above it; those before the first value stay missing. */
function fillForward(column: Table["columns"][number]): Table["columns"][number] {
  let last = Number.NaN;
  const values = column.values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
  return { ...column, values };
}

function refuseUnsupported(settings: DataSettings): void {
  const refuse = (key: keyof DataSettings, fix: string): void => {
    const value = settings[key];
    if (!Array.isArray(value) || value.length === 0) return;
    throw new DataError("DATA_UNSUPPORTED", `${key} are not supported`, {
      where: `data.${key}=[${value.join(",")}]`,
      fix,
    });
  };
  refuse("id_columns", "keep one series in a file, and set data.id_columns=[]");
  refuse("static_categorical_columns", "leave them out: data.static_categorical_columns=[]");
}

function wrongScaler(table: Table, names: readonly string[], scaler: Scaler): DataError {
  return new DataError("DATA_WRONG_SCALER", "the columns are not those that the scaler was fitted on", {
    where: {
      text: table.file,
      detail: [`file    ${names.join(", ")}`, `scaler  ${scaler.columns.join(", ")}`],
    },
    fix: `choose the same columns in the same order: data.target_columns=[${scaler.columns.join(",")}]`,
  });
}
