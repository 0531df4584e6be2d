import type { MetricsRecord } from "../journal/journal-record.ts";
import type { MetricText } from "../metric-value.ts";

/** A point as `log-batch` takes it: whole milliseconds, a whole step, non-finite values as text. */
export interface MetricPoint {
  readonly key: string;
  readonly value: MetricText;
  readonly timestamp: number;
  readonly step: number;
}

/** The points of journal records, under the names that the server takes; a point that is there twice goes once. */
export function pointsOf(records: readonly MetricsRecord[], nameOf: (name: string) => string): MetricPoint[] {
  const points = new Map<string, MetricPoint>();
  for (const { time, step, values } of records) {
    for (const [name, value] of Object.entries(values)) {
      const point = { key: nameOf(name), value, timestamp: time, step };
      points.set(pointIdentity(point), point);
    }
  }
  return [...points.values()];
}

/** What makes a point itself on a server. SQL servers give ±Infinity back as the largest double: the two count as one. */
export function pointIdentity(point: MetricPoint): string {
  const value = Number(point.value);
  const text = Math.abs(value) >= Number.MAX_VALUE ? (value > 0 ? "Infinity" : "-Infinity") : String(value);
  return `${point.step} ${point.timestamp} ${text} ${point.key}`;
}
