import type { Part, PartName } from "./dataset.ts";
import { partNames } from "./dataset.ts";
import { DataError } from "./errors.ts";
import type { DataSettings } from "./schema.ts";
import type { PartRows, RowRange } from "./split-rows.ts";

export interface WindowSize {
  /** Steps a model sees. */
  readonly context: number;
  /** Steps a model forecasts. */
  readonly horizon: number;
}

type WindowSettings = Pick<DataSettings, "fewshot_fraction" | "fewshot_location" | "stride">;

/**
 * Where the windows of each part begin. Validation and test begin `context` rows early, so that their first forecast
 * starts on the border; a few-shot fraction f keeps trunc(f · (n − context)) + context of the n train rows. An empty
 * part has no windows.
 *
 * @throws {DataError} DATA_TOO_FEW_ROWS where a part that has rows has none for a whole window, DATA_BAD_SPLIT
 */
export function placeWindows(
  parts: PartRows,
  size: WindowSize,
  settings: WindowSettings,
  file: string,
): Record<PartName, Part> {
  const place = (name: PartName): Part => {
    const wanted = parts[name];
    if (wanted.from === wanted.to) return Object.freeze({ ...wanted, starts: new Int32Array(0) });
    const rows = name === "train" ? fewShotRows(wanted, size, settings) : early(name, wanted, size.context);
    const starts = windowStarts(rows, size, settings.stride);
    if (starts.length === 0) throw noWindow(name, wanted, rows, size, file);
    return Object.freeze({ ...rows, starts });
  };
  const [train, validation, test] = partNames.map(place) as [Part, Part, Part];
  return { train, validation, test };
}

/** floor((n − context − horizon) / stride) + 1 windows, `stride` rows apart, the first at `from`. */
export function windowStarts(
  { from, to }: RowRange,
  { context, horizon }: WindowSize,
  stride: number,
): Int32Array {
  const count = Math.max(0, Math.floor((to - from - context - horizon) / stride) + 1);
  return Int32Array.from({ length: count }, (_, window) => from + window * stride);
}

function fewShotRows({ from, to }: RowRange, { context }: WindowSize, settings: WindowSettings): RowRange {
  const rows = to - from;
  if (settings.fewshot_fraction === 1 || rows <= context) return { from, to };
  const kept = Math.trunc(settings.fewshot_fraction * (rows - context)) + context;
  return settings.fewshot_location === "first" ? { from, to: from + kept } : { from: to - kept, to };
}

function early(name: PartName, { from, to }: RowRange, context: number): RowRange {
  if (from >= context) return { from: from - context, to };
  throw new DataError(
    "DATA_BAD_SPLIT",
    `the ${name} part begins at row ${from}, with fewer than ${context} context rows before it`,
    {
      where: `data.split.${name}`,
      fix: `begin it at row ${context} or later, or take a model with a shorter context`,
    },
  );
}

function noWindow(
  name: PartName,
  wanted: RowRange,
  rows: RowRange,
  size: WindowSize,
  file: string,
): DataError {
  const need = size.context + size.horizon;
  const own = wanted.to - wanted.from;
  const cutByFewShot = name === "train" && own >= need;
  const has = cutByFewShot
    ? `keeps ${rows.to - rows.from} of its ${own} rows`
    : `has ${own} ${own === 1 ? "row" : "rows"}`;
  const needs = name === "train" ? need : size.horizon;
  const shape =
    name === "train" ? `context ${size.context} + horizon ${size.horizon}` : `horizon ${size.horizon}`;
  const fraction = Math.ceil((size.horizon / (own - size.context)) * 1000) / 1000;
  return new DataError("DATA_TOO_FEW_ROWS", `the ${name} part ${has}; one window needs ${needs} (${shape})`, {
    where: file,
    fix: cutByFewShot
      ? `keep more: data.fewshot_fraction=${fraction}`
      : `give a longer file, cut it otherwise (data.split.${name}), or take a model with a shorter context and horizon`,
  });
}
