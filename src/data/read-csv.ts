import { createReadStream } from "node:fs";
import Papa from "papaparse";
import { DataError } from "./errors.ts";

export interface CsvReader {
  /** The names of the first line, trimmed. */
  header(names: readonly string[]): void;
  /** One record; `line` is the number of its first line in the file, from 1. */
  row(cells: readonly string[], line: number): void;
}

/**
 * Streams a csv file (delimiter found by looking, quotes, any line ends) into `reader`. Empty lines are left out.
 *
 * @throws {DataError} DATA_RAGGED_ROW, DATA_BAD_CSV, DATA_EMPTY_FILE, and whatever `reader` throws
 */
export function readCsv(path: string, reader: CsvReader): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = createReadStream(path, "utf8");
    const records = new RecordFeed(path, reader);
    let fault: unknown;
    Papa.parse<string[]>(stream, {
      step(result, parser) {
        try {
          records.take(result.data, result.errors);
        } catch (error) {
          fault = error;
          parser.abort();
        }
      },
      complete() {
        stream.destroy();
        fault ??= records.faultAtEnd();
        if (fault === undefined) resolve();
        else reject(fault);
      },
      error: reject,
    });
  });
}

class RecordFeed {
  readonly #path: string;
  readonly #reader: CsvReader;
  #width: number | undefined;
  #line = 1;

  constructor(path: string, reader: CsvReader) {
    this.#path = path;
    this.#reader = reader;
  }

  take(cells: readonly string[], errors: readonly Papa.ParseError[]): void {
    const line = this.#line;
    this.#line += 1 + lineBreaks(cells);
    const quotes = errors.find((error) => error.type === "Quotes");
    if (quotes) throw badQuotes(quotes.message, `${this.#path}:${line}`);
    if (cells.length === 1 && cells[0]?.trim() === "") return;
    if (this.#width === undefined) {
      this.#width = cells.length;
      this.#reader.header(cells.map((cell) => cell.replace(/^\uFEFF/, "").trim()));
      return;
    }
    if (cells.length !== this.#width) throw raggedRow(this.#width, cells.length, `${this.#path}:${line}`);
    this.#reader.row(cells, line);
  }

  faultAtEnd(): DataError | undefined {
    if (this.#width !== undefined) return undefined;
    return new DataError("DATA_EMPTY_FILE", "the file is empty", {
      where: this.#path,
      fix: "give a csv file with one header line: data.path=FILE",
    });
  }
}

function lineBreaks(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) if (cell.includes("\n")) count += cell.split("\n").length - 1;
  return count;
}

function badQuotes(message: string, where: string): DataError {
  return new DataError("DATA_BAD_CSV", `the quotes do not match (${message})`, {
    where,
    fix: 'close the quoted text; a quote inside it is written twice: ""',
  });
}

function raggedRow(expected: number, found: number, where: string): DataError {
  return new DataError("DATA_RAGGED_ROW", `the row has ${cellCount(found)}, the header has ${expected}`, {
    where,
    fix: "write every cell, also the empty ones (a,,c), and put quotes around text that holds the delimiter",
  });
}

const cellCount = (count: number): string => (count === 1 ? "1 cell" : `${count} cells`);
