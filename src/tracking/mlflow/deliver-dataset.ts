import type { DatasetRecord } from "../journal/journal-record.ts";
import { cutText } from "./clean-name.ts";
import { type Delivery, isRefusal } from "./delivery.ts";
import { logInputs, type RunInput } from "./log-inputs.ts";

/** The servers' limits, in code points. */
const NAME_AT_MOST = 500;
const DIGEST_AT_MOST = 36;

/** Notes data that the run has read. The server keeps one note for each name and digest. */
export async function deliverDataset(record: DatasetRecord, delivery: Delivery): Promise<void> {
  const input: RunInput = {
    name: cutText(record.name, NAME_AT_MOST),
    digest: cutText(record.digest, DIGEST_AT_MOST),
    sourceType: record.source_type,
    source: JSON.stringify(record.source_type === "http" ? { url: record.source } : { uri: record.source }),
    ...(record.schema === undefined ? {} : { schema: JSON.stringify(record.schema) }),
    ...(record.profile === undefined ? {} : { profile: JSON.stringify(record.profile) }),
    ...(record.context === undefined ? {} : { context: record.context }),
  };
  try {
    await logInputs(delivery.connection, delivery.runId, input);
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    await delivery.reject({ dataset: record.name }, fault);
  }
}
