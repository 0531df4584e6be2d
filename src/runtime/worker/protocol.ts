import type { SerializedError } from "./serialize-error.ts";

/**
 * What a worker can be asked, as an interface of functions from payload to result:
 *
 *     interface GradientCalls {
 *       load(graph: Graph): void;
 *       step(batch: Batch): number;
 *     }
 */
export type WorkerCalls<Calls> = { readonly [Kind in keyof Calls]: (payload: never) => unknown };

export type PayloadOf<Call> = Call extends (payload: infer Payload) => unknown ? Payload : never;
export type ResultOf<Call> = Call extends (payload: never) => infer Result ? Awaited<Result> : never;

export interface Request {
  readonly id: number;
  readonly kind: string;
  readonly payload: unknown;
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: SerializedError };

/** Asks the thread to leave; it sets the flag to 1 (and notifies) when it is out of native code. */
export interface StopRequest {
  readonly stop: Int32Array<SharedArrayBuffer>;
}
