/** A metric's value as JSON can hold it. */
export type MetricText = number | "NaN" | "Infinity" | "-Infinity";

export function encodeMetric(value: number): MetricText {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}
