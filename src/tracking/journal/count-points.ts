import { readJournal } from "./read-journal.ts";

/** Records of a journal from a cursor on, and the metric points in them; 0 where it cannot be read. */
export async function countFrom(path: string, from: number): Promise<{ records: number; points: number }> {
  let records = 0;
  let points = 0;
  try {
    for await (const { record } of readJournal(path, { from })) {
      records += 1;
      if (record.type === "metrics") points += Object.keys(record.values).length;
    }
  } catch {
    return { records, points };
  }
  return { records, points };
}
