import type {
  ArtifactRecord,
  HistogramRecord,
  JournalRecord,
  MetricsRecord,
  ModelRecord,
  SystemRecord,
} from "../journal/journal-record.ts";
import type { JournalEntry } from "../journal/read-journal.ts";
import { METRICS_AT_MOST } from "./log-batch.ts";

/** What is left when {@link asMetrics} has taken its part, and files have gone their own way. */
export type OtherRecord = Exclude<
  JournalRecord,
  MetricsRecord | HistogramRecord | SystemRecord | ArtifactRecord | ModelRecord
>;

/** Records that are delivered together, and the span of the journal they stand in. */
export interface JournalGroup {
  readonly start: number;
  readonly end: number;
  readonly metrics: readonly MetricsRecord[];
  /** Points that the program itself logged: without samples and histograms. */
  readonly points: number;
  /** The one record of a group that holds no metrics. */
  readonly other: OtherRecord | undefined;
}

/**
 * A record as metrics, where MLflow keeps it as such: samples of the machine under `system/`, and of a histogram, which it has no place for,
 * mean and deviation.
 */
export function asMetrics(record: JournalRecord): MetricsRecord | undefined {
  switch (record.type) {
    case "metrics":
      return record;
    case "system": {
      const values = Object.entries(record.values).map(([name, value]) => [`system/${name}`, value] as const);
      return { type: "metrics", time: record.time, step: record.step, values: Object.fromEntries(values) };
    }
    case "histogram": {
      const { time, step, name, mean, std } = record;
      return { type: "metrics", time, step, values: { [`${name}/mean`]: mean, [`${name}/std`]: std } };
    }
    default:
      return undefined;
  }
}

export function isFileRecord(record: JournalRecord): record is ArtifactRecord | ModelRecord {
  return record.type === "artifact" || record.type === "model";
}

/**
 * Cuts a journal into groups: metrics that follow each other up to one batch, every other record for itself, without those of files. No
 * group reaches across `border`, so that what may be there already is not mixed with what cannot be.
 */
export async function* journalGroups(
  entries: AsyncIterable<JournalEntry>,
  border: number,
): AsyncGenerator<JournalGroup> {
  let open:
    | { start: number; end: number; metrics: MetricsRecord[]; points: number; size: number }
    | undefined;
  for await (const { record, start, end } of entries) {
    if (open !== undefined && start === border) {
      yield { ...open, other: undefined };
      open = undefined;
    }
    const metrics = asMetrics(record);
    if (metrics === undefined) {
      if (open !== undefined) yield { ...open, other: undefined };
      open = undefined;
      yield { start, end, metrics: [], points: 0, other: otherOf(record) };
      continue;
    }
    const size = Object.keys(metrics.values).length;
    if (open !== undefined && open.size + size > METRICS_AT_MOST) {
      yield { ...open, other: undefined };
      open = undefined;
    }
    open ??= { start, end, metrics: [], points: 0, size: 0 };
    open.metrics.push(metrics);
    open.size += size;
    if (record.type === "metrics") open.points += size;
    open.end = end;
  }
  if (open !== undefined) yield { ...open, other: undefined };
}

function otherOf(record: JournalRecord): OtherRecord | undefined {
  if (isFileRecord(record)) return undefined;
  if (record.type === "metrics" || record.type === "system" || record.type === "histogram") return undefined;
  return record;
}
