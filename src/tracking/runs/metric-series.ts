import { readJournal } from "../journal/read-journal.ts";
import type { MetricText } from "../metric-value.ts";

export interface MetricSeries {
  readonly name: string;
  /** In the order in which they were logged. */
  readonly points: readonly { readonly step: number; readonly time: number; readonly value: MetricText }[];
}

/** Every metric of a journal with all its points, by name. */
export async function readSeries(journalPath: string): Promise<MetricSeries[]> {
  const series = new Map<string, { step: number; time: number; value: MetricText }[]>();
  for await (const { record } of readJournal(journalPath)) {
    if (record.type !== "metrics") continue;
    const { step, time } = record;
    for (const [name, value] of Object.entries(record.values)) {
      const points = series.get(name) ?? [];
      if (points.length === 0) series.set(name, points);
      points.push({ step, time, value });
    }
  }
  return [...series].map(([name, points]) => ({ name, points })).sort((a, b) => (a.name < b.name ? -1 : 1));
}
