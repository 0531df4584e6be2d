import type { JournalRecord, MetricsRecord } from "../journal/journal-record.ts";
import type { JournalEntry } from "../journal/read-journal.ts";
import { METRICS_AT_MOST } from "./log-batch.ts";

/** Records that are delivered together, and the span of the journal they stand in. */
export interface JournalGroup {
  readonly start: number;
  readonly end: number;
  readonly metrics: readonly MetricsRecord[];
  /** The one record of a group that holds no metrics. */
  readonly other: Exclude<JournalRecord, MetricsRecord> | undefined;
}

/**
 * Cuts a journal into groups: metrics that follow each other up to one batch, every other record for itself. No group reaches across
 * `border`, so that what may be there already is not mixed with what cannot be.
 */
export async function* journalGroups(
  entries: AsyncIterable<JournalEntry>,
  border: number,
): AsyncGenerator<JournalGroup> {
  let open: { start: number; end: number; metrics: MetricsRecord[]; points: number } | undefined;
  for await (const { record, start, end } of entries) {
    const points = record.type === "metrics" ? Object.keys(record.values).length : 0;
    const full = open !== undefined && (open.points + points > METRICS_AT_MOST || start === border);
    if (open !== undefined && (full || record.type !== "metrics")) {
      yield { ...open, other: undefined };
      open = undefined;
    }
    if (record.type !== "metrics") {
      yield { start, end, metrics: [], other: record };
      continue;
    }
    open ??= { start, end, metrics: [], points: 0 };
    open.metrics.push(record);
    open.points += points;
    open.end = end;
  }
  if (open !== undefined) yield { ...open, other: undefined };
}
