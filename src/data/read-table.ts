import { throwAll } from "../core/index.ts";
import { DataError } from "./errors.ts";
import { parseNumber } from "./parse-number.ts";
import { type TimeParser, timeParser } from "./parse-time.ts";
import { readCsv } from "./read-csv.ts";
import type { DataSettings } from "./schema.ts";
import { type ColumnChoice, type ColumnRole, selectColumns } from "./select-columns.ts";

/** The numbers of a file as they stand there. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  /** In channel order; NaN where a cell is missing. */
  readonly columns: readonly {
    readonly name: string;
    readonly role: ColumnRole;
    readonly values: Float64Array;
  }[];
  /** Milliseconds since 1970, increasing; null without a time column. */
  readonly times: Float64Array | null;
}

/** Faults shown before reading stops: enough to see a pattern. */
const MOST_FAULTS = 5;

/**
 * Reads the columns that the settings choose.
 *
 * @throws {DataError} DATA_NO_COLUMN, DATA_NOT_A_NUMBER, DATA_BAD_TIME, DATA_RAGGED_ROW … ; several bad cells come
 *   together as `TtmErrors`
 */
export async function readTable(file: string, settings: DataSettings): Promise<Table> {
  const builder = new TableBuilder(file, settings);
  await readCsv(file, builder);
  return builder.finish();
}

interface ColumnBuffer extends ColumnChoice {
  readonly values: number[];
  /** Undecided until the first cell that is not missing. */
  numeric: boolean | undefined;
}

class TableBuilder {
  readonly #file: string;
  readonly #settings: DataSettings;
  readonly #parseTime: TimeParser;
  readonly #faults: DataError[] = [];
  readonly #times: number[] = [];
  #time: number | null = null;
  #columns: ColumnBuffer[] = [];
  #rows = 0;

  constructor(file: string, settings: DataSettings) {
    this.#file = file;
    this.#settings = settings;
    this.#parseTime = timeParser(settings.time_format);
  }

  header(names: readonly string[]): void {
    const selection = selectColumns(names, this.#settings, this.#file);
    this.#time = selection.time;
    this.#columns = selection.columns.map((choice) => ({
      ...choice,
      values: [],
      numeric: choice.named ? true : undefined,
    }));
  }

  row(cells: readonly string[], line: number): void {
    this.#rows++;
    for (const column of this.#columns) this.#takeCell(column, cells[column.index] ?? "", line);
    if (this.#time !== null) this.#takeTime(cells[this.#time] ?? "", line);
    if (this.#faults.length >= MOST_FAULTS) throwAll(this.#faults);
  }

  finish(): Table {
    throwAll(this.#faults);
    const columns = this.#columns
      .filter((column) => column.numeric === true)
      .map(({ name, role, values }) => ({ name, role, values: Float64Array.from(values) }));
    if (!columns.some((column) => column.role === "target")) throw noTarget(this.#file, this.#rows);
    const times = this.#time === null ? null : Float64Array.from(this.#times);
    return { file: this.#file, rows: this.#rows, columns, times };
  }

  #takeCell(column: ColumnBuffer, cell: string, line: number): void {
    if (column.numeric === false) return;
    const value = parseNumber(cell);
    if (column.numeric === undefined && !Number.isNaN(value)) column.numeric = value !== undefined;
    if (value === undefined && column.numeric) this.#faults.push(notANumber(this.#file, line, column, cell));
    column.values.push(value ?? Number.NaN);
  }

  #takeTime(cell: string, line: number): void {
    const time = this.#parseTime(cell);
    const previous = this.#times.at(-1);
    const where = `${this.#file}:${line}, column '${this.#settings.time_column}'`;
    if (Number.isNaN(time)) this.#faults.push(badTime(cell, where));
    else if (previous !== undefined && time <= previous)
      this.#faults.push(notLater(cell, time === previous, where));
    this.#times.push(time);
  }
}

function notANumber(file: string, line: number, column: ColumnBuffer, cell: string): DataError {
  const fix = column.named
    ? `correct the cell (empty or NA: missing), or take '${column.name}' out of data.${column.role}_columns`
    : "correct the cell (empty or NA: missing), or name the columns to use: data.target_columns=[…]";
  return new DataError("DATA_NOT_A_NUMBER", `'${cell}' is not a number`, {
    where: `${file}:${line}, column '${column.name}'`,
    fix,
  });
}

function badTime(cell: string, where: string): DataError {
  return new DataError("DATA_BAD_TIME", `'${cell}' is not a time`, {
    where,
    fix: "write YYYY-MM-DD HH:MM:SS, or say how it is written: data.time_format='%d.%m.%Y %H:%M'",
  });
}

function notLater(cell: string, same: boolean, where: string): DataError {
  return new DataError(
    "DATA_BAD_TIME",
    `'${cell}' is ${same ? "the time of the row before" : "earlier than the row before"}`,
    {
      where,
      fix: "sort the rows by time and keep one series in a file, or number the rows instead: data.time_column=null",
    },
  );
}

function noTarget(file: string, rows: number): DataError {
  return new DataError(
    "DATA_NO_VALUES",
    rows === 0 ? "there is no row under the header" : "no column holds numbers",
    {
      where: file,
      fix: "give a csv file with at least one column of numbers: data.path=FILE",
    },
  );
}
