import type { MetricText } from "../metric-value.ts";
import type { MlflowConnection } from "./connection.ts";
import type { MetricPoint } from "./metric-point.ts";
import { readField, readList, readText } from "./read-field.ts";

/** The Python client's page. It must be sent: without it some 3.x servers answer with nothing. */
const PAGE = 25_000;

/** Every point of a metric. */
export async function getMetricHistory(
  connection: MlflowConnection,
  runId: string,
  key: string,
): Promise<MetricPoint[]> {
  const points: MetricPoint[] = [];
  let token: string | undefined;
  for (;;) {
    const answer = await connection.call({
      method: "GET",
      path: "/api/2.0/mlflow/metrics/get-history",
      query: {
        run_id: runId,
        metric_key: key,
        max_results: PAGE,
        ...(token === undefined ? {} : { page_token: token }),
      },
    });
    const page = readList(answer, "metrics");
    points.push(...page.map((metric) => readPoint(metric, key)));
    const next = readText(answer, "next_page_token");
    if (next === undefined || next === token || page.length === 0) return points;
    token = next;
  }
}

function readPoint(metric: unknown, key: string): MetricPoint {
  return {
    key,
    value: readValue(readField(metric, "value")),
    timestamp: Number(readField(metric, "timestamp") ?? 0),
    step: Number(readField(metric, "step") ?? 0),
  };
}

function readValue(value: unknown): MetricText {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  return Number(value ?? 0);
}
