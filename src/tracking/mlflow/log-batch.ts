import type { MlflowConnection } from "./connection.ts";
import type { MetricPoint } from "./metric-point.ts";

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** The servers' limits for one `log-batch`. */
export const METRICS_AT_MOST = 1_000;
export const PARAMS_AT_MOST = 100;
export const TAGS_AT_MOST = 100;
/** 1 MB is documented; below it stays room for proxies. */
const BODY_BYTES_AT_MOST = 900_000;

/** One kind at a time: a bad param would stop the metrics beside it. */
export type Batch =
  | { readonly metrics: readonly MetricPoint[] }
  | { readonly params: readonly KeyValue[] }
  | { readonly tags: readonly KeyValue[] };

export async function logBatch(connection: MlflowConnection, runId: string, batch: Batch): Promise<void> {
  await connection.call({
    method: "POST",
    path: "/api/2.0/mlflow/runs/log-batch",
    body: { run_id: runId, ...batch },
  });
}

/** Items in batches of at most `most` and {@link BODY_BYTES_AT_MOST}. */
export function* batchesOf<Item>(items: readonly Item[], most: number): Generator<readonly Item[]> {
  let batch: Item[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length > 0 && (batch.length === most || bytes + size > BODY_BYTES_AT_MOST)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
