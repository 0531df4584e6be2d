import type { MlflowConnection } from "./connection.ts";
import { getMetricHistory } from "./get-metric-history.ts";
import { getRun } from "./get-run.ts";
import { type MetricPoint, pointIdentity } from "./metric-point.ts";
import type { LatestMetric } from "./remote-run.ts";

/**
 * The points that the server does not have. Asks for the history only of metrics whose newest point is not older than ours.
 *
 * @throws {MlflowError} MLFLOW_RUN_GONE
 */
export async function missingPoints(
  connection: MlflowConnection,
  runId: string,
  points: readonly MetricPoint[],
): Promise<MetricPoint[]> {
  const { latest } = await getRun(connection, runId);
  const keys = new Set(
    points.filter((point) => !isAfter(point, latest.get(point.key))).map(({ key }) => key),
  );
  const there = new Set<string>();
  for (const key of keys) {
    for (const point of await getMetricHistory(connection, runId, key)) there.add(pointIdentity(point));
  }
  return points.filter((point) => !there.has(pointIdentity(point)));
}

function isAfter(point: MetricPoint, latest: LatestMetric | undefined): boolean {
  if (latest === undefined || point.step !== latest.step)
    return latest === undefined || point.step > latest.step;
  return point.timestamp > latest.timestamp;
}
