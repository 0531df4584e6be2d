import { open } from "node:fs/promises";
import { decodeLine } from "./journal-line.ts";
import { wholeLines } from "./read-journal.ts";

const NEWLINE = "\n";

/**
 * Makes the end of a journal whole after a crash: a last record that only lacks its newline gets it, any other torn rest is cut off.
 * The caller holds the journal's lease.
 *
 * @returns the file's length in bytes, and how many bytes were cut off
 */
export async function repairJournal(path: string): Promise<{ size: number; dropped: number }> {
  const file = await open(path, "r+");
  try {
    let whole = 0;
    for await (const line of wholeLines(file, 0)) whole = line.end;
    const { size } = await file.stat();
    if (size === whole) return { size, dropped: 0 };
    const rest = Buffer.alloc(size - whole);
    await file.read(rest, 0, rest.length, whole);
    if (decodeLine(rest) !== undefined) {
      await file.write(NEWLINE, size);
      return { size: size + NEWLINE.length, dropped: 0 };
    }
    await file.truncate(whole);
    return { size: whole, dropped: rest.length };
  } finally {
    await file.close();
  }
}
