import type { Dataset, Series } from "./dataset.ts";
import type { DownloadOptions } from "./download.ts";
import { seasonOf } from "./frequency.ts";
import { loadTable, seriesOf } from "./load-series.ts";
import { placeWindows, type WindowSize } from "./place-windows.ts";
import { fitScaler, identityScaler } from "./scaler.ts";
import type { DataSettings } from "./schema.ts";
import { splitRows } from "./split-rows.ts";

export interface LoadOptions extends WindowSize, DownloadOptions {}

/**
 * Reads a csv file into one scaled series and says where the windows of train, validation and test begin, as
 * granite-tsfm's preprocessor does it. The scaler is fitted on the whole train part, also where only a few-shot
 * share of it is used.
 *
 * @param settings  validated by {@link dataSettingsSchema}
 * @param options  `context` and `horizon` in steps; `cacheDir` for what is fetched
 * @throws {DataError} for everything that can be wrong with a file or its description; several bad cells at once as
 *   `TtmErrors`
 */
export async function loadDataset(settings: DataSettings, options: LoadOptions): Promise<Dataset> {
  const { table, source } = await loadTable(settings, options);
  const parts = splitRows(settings.split, table.rows, table.file);
  const splits = placeWindows(parts, options, settings, table.file);
  const { from, to } = parts.train;
  const scaler = settings.scaling === "none" ? identityScaler(table.columns) : fitScaler(table, from, to);
  const series = seriesOf(table, scaler, source);
  const season = settings.season_length ?? seasonOf(series.frequency);
  return Object.freeze({
    ...series,
    context: options.context,
    horizon: options.horizon,
    splits: Object.freeze(splits),
    seasonLength: seasonWithin(options.context, season),
    notes: notesOf(series, season, options.context),
  });
}

/** The season asked for or, by default, the time step's; 1 (repeat the last value) where it is longer than the context. */
function seasonWithin(context: number, season: number): number {
  return season <= context ? season : 1;
}

/** What a user should know although nothing is wrong enough to stop. */
function notesOf({ frequency, source }: Series, season: number, context: number): readonly string[] {
  const notes: string[] = [];
  if (frequency?.regular === false) {
    notes.push(
      `some rows of ${source.path} are not ${frequency.name} after the row before: windows go over the gaps`,
    );
  }
  if (season > context) {
    notes.push(
      `a season of ${season} samples is longer than the context of ${context}: the naive forecast repeats the last value`,
    );
  }
  return Object.freeze(notes);
}
