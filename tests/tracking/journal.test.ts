import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { thisProcess } from "../../src/core/index.ts";
import { readJournal } from "../../src/tracking/index.ts";
import { decodeLine, encodeLine } from "../../src/tracking/journal/journal-line.ts";
import type { JournalRecord } from "../../src/tracking/journal/journal-record.ts";
import { JournalWriter } from "../../src/tracking/journal/journal-writer.ts";

const quiet = { fsync: "never" as const, onFault: () => undefined };
const records: JournalRecord[] = [
  {
    type: "start",
    time: 1,
    run_id: "r",
    experiment: "grüße 你好 😀",
    tags: {},
    context: { user: "u", source: "s" },
  },
  { type: "metrics", time: 2, step: 1, values: { loss: 0.1, nan: "NaN" } },
  { type: "params", time: 3, values: { text: 'line\nbreak "quoted" }' } },
  { type: "end", time: 4, status: "completed" },
];

async function readAll(path: string): Promise<JournalRecord[]> {
  const all: JournalRecord[] = [];
  for await (const { record } of readJournal(path)) all.push(record);
  return all;
}

async function inNewFile(bytes: Uint8Array): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "ttm-journal-")), "journal.jsonl");
  await writeFile(path, bytes);
  return path;
}

describe("a journal cut at any byte", () => {
  let whole: Buffer;
  let ends: number[];
  beforeAll(async () => {
    const path = await inNewFile(Buffer.alloc(0));
    const writer = await JournalWriter.open(path, quiet);
    for (const record of records) writer.append(record);
    await writer.close();
    whole = await readFile(path);
    ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1);
  });

  it("gives every whole record, and after reopening takes new ones", async () => {
    const written = [expect.objectContaining({ type: "journal", version: 1 }), ...records];
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (cut) => {
        const path = await inNewFile(whole.subarray(0, cut));
        const count = ends.filter((end) => end <= cut).length;
        expect(await readAll(path)).toEqual(written.slice(0, count));

        const last: JournalRecord = { type: "tags", time: 9, values: { reopened: "yes" } };
        const writer = await JournalWriter.open(path, quiet);
        writer.append(last);
        await writer.close();
        // A record that lacked only its newline is whole again.
        const mended = ends.includes(cut + 1) ? count + 1 : count;
        const kept = (await readAll(path)).filter(({ type }) => type !== "repair");
        expect(kept).toEqual([...(mended === 0 ? [written[0]] : written.slice(0, mended)), last]);
      }),
      { numRuns: 200 },
    );
  });

  it("passes over a line in which any one bit has turned", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const bytes = Buffer.from(whole);
          bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
          const line = ends.findIndex((end) => at < end);
          const read = await readAll(await inNewFile(bytes));
          const others = [expect.anything(), ...records].filter(
            (_, index) => index !== line && index !== line + 1,
          );
          for (const record of others) expect(read).toContainEqual(record);
          expect(read.length).toBeLessThanOrEqual(records.length);
        },
      ),
    );
  });

  it("is read on from any cursor", async () => {
    const path = await inNewFile(whole);
    for (const [index, from] of ends.entries()) {
      const rest: JournalRecord[] = [];
      for await (const { record } of readJournal(path, { from })) rest.push(record);
      expect(rest).toEqual(records.slice(index));
    }
  });
});

describe("journal lines", () => {
  it("come back as they went", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        const record: JournalRecord = { type: "params", time: 1, values: JSON.parse(JSON.stringify(values)) };
        expect(decodeLine(Buffer.from(encodeLine(record).slice(0, -1)))).toEqual(record);
      }),
    );
  });

  it("carry the CRC-32 of zip over the record's bytes", () => {
    // crc32(b'{"type":"repair","time":1,"dropped_bytes":2}') by Python's zlib
    expect(encodeLine({ type: "repair", time: 1, dropped_bytes: 2 })).toBe(
      '{"crc":"bc6d329f","record":{"type":"repair","time":1,"dropped_bytes":2}}\n',
    );
  });
});

describe("one writer", () => {
  it("refuses a second one while the first lives, and lets it in afterwards", async () => {
    const path = await inNewFile(Buffer.alloc(0));
    const first = await JournalWriter.open(path, quiet);
    await expect(JournalWriter.open(path, quiet)).rejects.toMatchObject({
      code: "TRACKING_RUN_BUSY",
      where: { text: path },
    });
    await first.close();
    await (await JournalWriter.open(path, quiet)).close();
  });

  it("takes over from a process that is dead", async () => {
    const path = await inNewFile(Buffer.alloc(0));
    await writeFile(
      `${path}.lease`,
      JSON.stringify({ ...thisProcess(), pid: 2 ** 22 + 1, born: "1", token: "t" }),
    );
    await (await JournalWriter.open(path, quiet)).close();
  });

  it("refuses a journal of a later format", async () => {
    const path = await inNewFile(Buffer.from(encodeLine({ type: "journal", version: 2, time: 1 })));
    await expect(readAll(path)).rejects.toMatchObject({ code: "TRACKING_JOURNAL_VERSION" });
  });
});
