import { type MessagePort, parentPort, type TransferListItem } from "node:worker_threads";
import { OrtError } from "../errors.ts";
import type { PayloadOf, Reply, Request, ResultOf, StopRequest, WorkerCalls } from "./protocol.ts";
import { serializeError } from "./serialize-error.ts";

/** A result whose buffers move to the caller instead of being copied; the worker loses them. */
export class Transferred<Result> {
  readonly result: Result;
  readonly buffers: readonly TransferListItem[];

  constructor(result: Result, buffers: readonly TransferListItem[]) {
    this.result = result;
    this.buffers = buffers;
  }
}

type Answer<Result> = Result | Transferred<Result>;

/** One function per call; what it throws is raised again at the caller. */
export type WorkerHandlers<Calls extends WorkerCalls<Calls>> = {
  readonly [Kind in keyof Calls]: (
    payload: PayloadOf<Calls[Kind]>,
  ) => Answer<ResultOf<Calls[Kind]>> | Promise<Answer<ResultOf<Calls[Kind]>>>;
};

/** Answers calls in a worker's module; the other end is `spawnWorker`. Calls are not queued: a caller that wants an order awaits. */
export function serveWorker<Calls extends WorkerCalls<Calls>>(handlers: WorkerHandlers<Calls>): void {
  const port = requirePort();
  const table = new Map<string, (payload: never) => unknown>(Object.entries(handlers));
  port.on("message", (request: Request | StopRequest) => {
    if ("stop" in request) return leave(request);
    void answer(table, request).then(
      (value) => send(port, request.id, value),
      (error: unknown) => port.postMessage({ id: request.id, error: serializeError(error) } satisfies Reply),
    );
  });
}

function requirePort(): MessagePort {
  if (parentPort) return parentPort;
  throw new OrtError("RUNTIME_WORKER_MESSAGE", "this module runs in a worker thread only", {
    fix: "start it with spawnWorker",
  });
}

function leave({ stop }: StopRequest): void {
  Atomics.store(stop, 0, 1);
  Atomics.notify(stop, 0);
  process.exit(0); // of this thread only
}

async function answer(
  table: ReadonlyMap<string, (payload: never) => unknown>,
  request: Request,
): Promise<unknown> {
  const handler = table.get(request.kind);
  if (handler) return handler(request.payload as never);
  throw new OrtError("RUNTIME_WORKER_MESSAGE", `the worker has no call '${request.kind}'`, {
    fix: `it has ${[...table.keys()].join(", ")}`,
  });
}

function send(port: MessagePort, id: number, value: unknown): void {
  const [result, buffers] = value instanceof Transferred ? [value.result, value.buffers] : [value, []];
  try {
    port.postMessage({ id, result } satisfies Reply, buffers);
  } catch (error) {
    port.postMessage({ id, error: serializeError(error) } satisfies Reply);
  }
}
