import { DataError } from "../errors.ts";
import { locateSource } from "../locate-source.ts";
import { readTable } from "../read-table.ts";
import { dataSettingsSchema } from "../schema.ts";
import type { Recording } from "./recorded-window.ts";

/**
 * The numeric columns of files, each a recording. Columns shorter than a window, or without a change in them, are left out.
 *
 * @param length  steps of a window: context and horizon
 * @throws {DataError} DATA_FILE_NOT_FOUND and the like for a file; DATA_TOO_FEW_ROWS where no file has a column of that length
 */
export async function readRecordings(files: readonly string[], length: number): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const path of files) {
    const settings = dataSettingsSchema.parse({ source_name: path, path });
    const { path: file } = await locateSource(settings).catch((error: unknown) => {
      throw inFiles(error, path);
    });
    const { columns } = await readTable(file, settings);
    const usable = columns
      .map(({ values }) => Float32Array.from(values))
      .filter((values) => values.length >= length && changes(values));
    if (usable.length === 0) throw tooShort(file, length);
    recordings.push(...usable);
  }
  return recordings;
}

/** The same fault, at the setting that named the file. */
function inFiles(error: unknown, path: string): unknown {
  if (!(error instanceof DataError)) return error;
  const fix = error.fix?.replaceAll("data.path=", "pretraining.files=");
  return new DataError(error.code, error.message, { where: `pretraining.files: ${path}`, fix, cause: error });
}

function changes(values: Float32Array): boolean {
  const first = values.find((value) => !Number.isNaN(value));
  return first !== undefined && values.some((value) => !Number.isNaN(value) && value !== first);
}

function tooShort(file: string, length: number): DataError {
  return new DataError("DATA_TOO_FEW_ROWS", `no column of the file changes and has ${length} rows`, {
    where: file,
    fix: "take it out of pretraining.files, or pretrain a model with a shorter context",
  });
}
