import { cleanName, cutText } from "./clean-name.ts";
import { type Delivery, isRefusal, sendHalving } from "./delivery.ts";
import { getRun } from "./get-run.ts";
import { batchesOf, type KeyValue, logBatch, TAGS_AT_MOST } from "./log-batch.ts";

/** Code points that a server keeps of a tag's value. */
export const TAG_VALUE_AT_MOST = 8_000;

/** Brings tags to the server; a tag that is there gets its new value. */
export async function deliverTags(tags: Readonly<Record<string, string>>, delivery: Delivery): Promise<void> {
  const { connection, runId } = delivery;
  const items = new Map<string, KeyValue>();
  for (const [name, text] of Object.entries(tags)) {
    const key = cleanName(name);
    items.set(key, { key, value: cutText(text, TAG_VALUE_AT_MOST) });
  }
  const send = async (batch: readonly KeyValue[]) => {
    try {
      await logBatch(connection, runId, { tags: batch });
    } catch (fault) {
      // A run that is gone refuses everything: then no single tag is at fault.
      if (isRefusal(fault, delivery)) await getRun(connection, runId);
      throw fault;
    }
  };
  for (const batch of batchesOf([...items.values()], TAGS_AT_MOST)) {
    await sendHalving(batch, delivery, send, (tag, fault) => delivery.reject(tag, fault));
  }
}
