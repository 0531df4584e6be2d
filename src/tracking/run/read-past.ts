import type { EndRecord, JournalRecord, StartRecord } from "../journal/journal-record.ts";
import { type JournalEntry, readJournal } from "../journal/read-journal.ts";
import type { JsonValue } from "../json-value.ts";
import type { MetricText } from "../metric-value.ts";

/** What a journal says of its run so far. */
export interface RunPast {
  readonly start: StartRecord | undefined;
  readonly params: Record<string, JsonValue>;
  readonly tags: Record<string, string>;
  /** Last recorded value of each metric. */
  readonly latest: Record<string, MetricText>;
  /** The end, unless the run was resumed after it. */
  readonly end: EndRecord | undefined;
  readonly lastTime: number;
  /** Samples of the machine so far. */
  readonly samples: number;
  /** Lines whose checksum is wrong. */
  readonly damaged: number;
}

/** Reads a whole journal once. `onEntry` sees every record on the way. */
export async function readPast(path: string, onEntry?: (entry: JournalEntry) => void): Promise<RunPast> {
  const past: { -readonly [Key in keyof RunPast]: RunPast[Key] } = {
    start: undefined,
    params: {},
    tags: {},
    latest: {},
    end: undefined,
    lastTime: 0,
    samples: 0,
    damaged: 0,
  };
  const onDamage = () => {
    past.damaged += 1;
  };
  for await (const entry of readJournal(path, { onDamage })) {
    addToPast(past, entry.record);
    onEntry?.(entry);
  }
  return past;
}

function addToPast(past: { -readonly [Key in keyof RunPast]: RunPast[Key] }, record: JournalRecord): void {
  past.lastTime = Math.max(past.lastTime, record.time);
  if (record.type === "start") past.start = record;
  if (record.type === "start" || record.type === "resume") Object.assign(past.tags, record.tags);
  if (record.type === "resume") past.end = undefined;
  if (record.type === "tags") Object.assign(past.tags, record.values);
  if (record.type === "params") Object.assign(past.params, record.values);
  if (record.type === "metrics") Object.assign(past.latest, record.values);
  if (record.type === "system") past.samples = record.step + 1;
  if (record.type === "end") past.end = record;
}
