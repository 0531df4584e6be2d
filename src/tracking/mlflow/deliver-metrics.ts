import type { MetricsRecord } from "../journal/journal-record.ts";
import { type Delivery, isRefusal, sendHalving } from "./delivery.ts";
import { batchesOf, logBatch, METRICS_AT_MOST } from "./log-batch.ts";
import { type MetricPoint, pointsOf } from "./metric-point.ts";
import { missingPoints } from "./missing-points.ts";

/** Brings every point of the records to the server once. */
export async function deliverMetrics(records: readonly MetricsRecord[], delivery: Delivery): Promise<void> {
  const points = pointsOf(records, delivery.nameOfMetric);
  if (delivery.suspect) await sendMissing(points, delivery);
  else for (const batch of batchesOf(points, METRICS_AT_MOST)) await sendFresh(batch, delivery);
}

async function sendFresh(points: readonly MetricPoint[], delivery: Delivery): Promise<void> {
  try {
    await logBatch(delivery.connection, delivery.runId, { metrics: points });
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    await sendMissing(points, delivery);
  }
}

/** Reads back first: neither a resend nor a refusal says what the server has kept. */
async function sendMissing(points: readonly MetricPoint[], delivery: Delivery): Promise<void> {
  const { connection, runId } = delivery;
  for (const batch of batchesOf(await missingPoints(connection, runId, points), METRICS_AT_MOST)) {
    await sendHalving(
      batch,
      delivery,
      (metrics) => logBatch(connection, runId, { metrics }),
      async (point, fault) => {
        const missing = await missingPoints(connection, runId, [point]);
        if (missing.length > 0) await delivery.reject(point, fault);
      },
    );
  }
}
