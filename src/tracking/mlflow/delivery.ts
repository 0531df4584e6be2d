import type { MlflowConnection } from "./connection.ts";
import { MlflowError } from "./errors.ts";

/** What it takes to bring records of one run to the server. */
export interface Delivery {
  readonly connection: MlflowConnection;
  readonly runId: string;
  readonly artifactUri: string;
  readonly runDir: string;
  /** An earlier try may have been carried out, wholly or in part: look before sending again. */
  readonly suspect: boolean;
  /** The server has failed so often on this very content that its failing counts as a refusal. */
  readonly stubborn: boolean;
  readonly nameOfMetric: (name: string) => string;
  readonly nameOfParam: (name: string) => string;
  /** Puts an item aside that the server will not take. */
  readonly reject: (item: unknown, fault: MlflowError) => Promise<void>;
  readonly warn: (fault: MlflowError) => void;
}

/** Whether a fault says that the content is at fault, so that a part of it may pass. */
export function isRefusal(fault: unknown, delivery: Delivery): fault is MlflowError {
  if (!(fault instanceof MlflowError)) return false;
  return fault.kind === "refused" || fault.kind === "tooLarge" || (delivery.stubborn && fault.status === 500);
}

/** Sends items together; where they are refused, in halves, until a bad one stands alone and goes to `alone`. */
export async function sendHalving<Item>(
  items: readonly Item[],
  delivery: Delivery,
  send: (items: readonly Item[]) => Promise<void>,
  alone: (item: Item, fault: MlflowError) => Promise<void>,
): Promise<void> {
  const [first] = items;
  if (first === undefined) return;
  try {
    await send(items);
  } catch (fault) {
    if (!isRefusal(fault, delivery)) throw fault;
    if (items.length === 1) return alone(first, fault);
    const middle = Math.ceil(items.length / 2);
    await sendHalving(items.slice(0, middle), delivery, send, alone);
    await sendHalving(items.slice(middle), delivery, send, alone);
  }
}
