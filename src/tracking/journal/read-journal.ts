import { type FileHandle, open } from "node:fs/promises";
import { TrackingError } from "../errors.ts";
import { decodeLine } from "./journal-line.ts";
import { JOURNAL_VERSION, type JournalRecord } from "./journal-record.ts";

/** One read; a line longer than this is read in as many as it takes. */
const WINDOW_BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** A record and the bytes it stands in: `end` is where the next one begins, and serves as a cursor. */
export interface JournalEntry {
  readonly record: JournalRecord;
  readonly start: number;
  readonly end: number;
}

export interface ReadJournalOptions {
  /** Byte offset to begin at: 0, or the `end` of an entry. */
  readonly from?: number;
  /** Called with the span of a whole line whose checksum is wrong. It is left out. */
  readonly onDamage?: (start: number, end: number) => void;
}

/**
 * Reads whole records, in order, as far as the file goes; works beside a writer. What follows the last newline is not a record yet.
 *
 * @throws {TrackingError} TRACKING_JOURNAL_MISSING, TRACKING_JOURNAL_VERSION
 */
export async function* readJournal(
  path: string,
  options: ReadJournalOptions = {},
): AsyncGenerator<JournalEntry> {
  const file = await openJournal(path);
  try {
    for await (const { bytes, start, end } of wholeLines(file, options.from ?? 0)) {
      const record = decodeLine(bytes);
      if (record === undefined) options.onDamage?.(start, end);
      else yield { record: checkVersion(record, path), start, end };
    }
  } finally {
    await file.close();
  }
}

async function openJournal(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    throw new TrackingError("TRACKING_JOURNAL_MISSING", "this run has no journal that can be read", {
      where: path,
      fix: "give the folder of a run; it holds journal.jsonl",
      cause,
    });
  }
}

interface Line {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** The lines that end with a newline, from byte `from` on. */
export async function* wholeLines(file: FileHandle, from: number): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let restAt = from;
  for (;;) {
    const window = Buffer.allocUnsafe(WINDOW_BYTES);
    const { bytesRead } = await file.read(window, 0, WINDOW_BYTES, restAt + rest.length);
    if (bytesRead === 0) return;
    const read = window.subarray(0, bytesRead);
    const block = rest.length === 0 ? read : Buffer.concat([rest, read]);
    let at = 0;
    for (let stop = block.indexOf(NEWLINE); stop !== -1; stop = block.indexOf(NEWLINE, at)) {
      yield { bytes: block.subarray(at, stop), start: restAt + at, end: restAt + stop + 1 };
      at = stop + 1;
    }
    rest = block.subarray(at);
    restAt += at;
  }
}

function checkVersion(record: JournalRecord, path: string): JournalRecord {
  if (record.type !== "journal" || record.version <= JOURNAL_VERSION) return record;
  throw new TrackingError(
    "TRACKING_JOURNAL_VERSION",
    `the journal has format ${record.version}, this ttm reads up to ${JOURNAL_VERSION}`,
    {
      where: path,
      fix: "use the ttm that wrote it, or a newer one",
    },
  );
}
