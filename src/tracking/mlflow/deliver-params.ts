import { paramText } from "../flatten-params.ts";
import type { ParamsRecord } from "../journal/journal-record.ts";
import { cutText } from "./clean-name.ts";
import { type Delivery, sendHalving } from "./delivery.ts";
import { MlflowError } from "./errors.ts";
import { getRun } from "./get-run.ts";
import { batchesOf, type KeyValue, logBatch, PARAMS_AT_MOST } from "./log-batch.ts";

/** Code points that a server keeps of a param's value. */
const VALUE_AT_MOST = 6_000;

/**
 * Brings params to the server. Params are immutable there: what it has with the same value is left out, another value goes under
 * `resumed/<n>/<key>`.
 */
export async function deliverParams(record: ParamsRecord, delivery: Delivery): Promise<void> {
  const { connection, runId } = delivery;
  const { params } = await getRun(connection, runId);
  const known = new Map(params);
  const fresh: KeyValue[] = [];
  for (const [name, leaf] of Object.entries(record.values)) {
    const value = shortened(name, paramText(leaf), delivery);
    const key = freeKey(delivery.nameOfParam(name), value, known);
    if (known.get(key) === value) continue;
    known.set(key, value);
    fresh.push({ key, value });
  }
  for (const batch of batchesOf(fresh, PARAMS_AT_MOST)) {
    const send = (items: readonly KeyValue[]) => logBatch(connection, runId, { params: items });
    await sendHalving(batch, delivery, send, (param, fault) => delivery.reject(param, fault));
  }
}

function freeKey(key: string, value: string, known: ReadonlyMap<string, string>): string {
  let free = key;
  for (let n = 1; known.has(free) && known.get(free) !== value; n++) free = `resumed/${n}/${key}`;
  return free;
}

function shortened(name: string, text: string, delivery: Delivery): string {
  const value = cutText(text, VALUE_AT_MOST);
  if (value !== text) {
    const what = `MLflow keeps ${VALUE_AT_MOST} characters of a param: '${name}' was cut there; the run folder has all of it`;
    delivery.warn(new MlflowError("MLFLOW_NAME_CHANGED", what, { kind: "refused" }));
  }
  return value;
}
