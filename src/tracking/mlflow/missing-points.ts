import type { MetricText } from "../metric-value.ts";
import type { MlflowConnection } from "./connection.ts";
import { getMetricHistory } from "./get-metric-history.ts";
import { getRun } from "./get-run.ts";
import { type MetricPoint, pointIdentity } from "./metric-point.ts";
import type { LatestMetric } from "./remote-run.ts";

/**
 * The points that the server does not have. Points go in their order, and a request is carried out from its beginning: so where the server's
 * newest point of a metric is one of ours, it has all before it and none behind it. Only where that tells nothing is the metric's
 * history asked for.
 *
 * @throws {MlflowError} MLFLOW_RUN_GONE
 */
export async function missingPoints(
  connection: MlflowConnection,
  runId: string,
  points: readonly MetricPoint[],
): Promise<MetricPoint[]> {
  const { latest } = await getRun(connection, runId);
  const missing = new Set<MetricPoint>();
  for (const [key, ours] of byKey(points)) {
    const rest = behindNewest(ours, latest.get(key)) ?? (await notInHistory(connection, runId, key, ours));
    for (const point of rest) missing.add(point);
  }
  return points.filter((point) => missing.has(point));
}

function byKey(points: readonly MetricPoint[]): Map<string, MetricPoint[]> {
  const groups = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const group = groups.get(point.key);
    if (group === undefined) groups.set(point.key, [point]);
    else group.push(point);
  }
  return groups;
}

/** The points behind the newest one that the server has; undefined where ours do not rise, or the newest is none of them. */
function behindNewest(
  points: readonly MetricPoint[],
  newest: LatestMetric | undefined,
): readonly MetricPoint[] | undefined {
  const rises = points.every((point, at) => at === 0 || isAfter(point, points[at - 1]));
  if (!rises) return undefined;
  if (isAfter(points[0], newest)) return points;
  const at = points.findIndex((point) => newest !== undefined && isSame(point, newest));
  return at < 0 ? undefined : points.slice(at + 1);
}

async function notInHistory(
  connection: MlflowConnection,
  runId: string,
  key: string,
  points: readonly MetricPoint[],
): Promise<readonly MetricPoint[]> {
  const there = new Set((await getMetricHistory(connection, runId, key)).map(pointIdentity));
  return points.filter((point) => !there.has(pointIdentity(point)));
}

interface Moment {
  readonly step: number;
  readonly timestamp: number;
}

function isAfter(point: Moment | undefined, other: Moment | undefined): boolean {
  if (point === undefined || other === undefined) return point !== undefined;
  return point.step === other.step ? point.timestamp > other.timestamp : point.step > other.step;
}

function isSame(point: MetricPoint, { step, timestamp, value }: LatestMetric): boolean {
  const there = { key: point.key, step, timestamp, value: metricText(value) };
  return pointIdentity(there) === pointIdentity(point);
}

function metricText(value: string): MetricText {
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? value : Number(value);
}
