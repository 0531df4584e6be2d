import { type TransferListItem, Worker } from "node:worker_threads";
import { OrtError } from "../errors.ts";
import { leaveNativeCode, markBusy, markIdle } from "./busy-threads.ts";
import type { PayloadOf, Reply, Request, ResultOf, WorkerCalls } from "./protocol.ts";
import { reviveError } from "./serialize-error.ts";

export interface SpawnWorkerOptions {
  /** What messages call the worker; its file name where absent. */
  readonly name?: string;
}

/** A running worker thread. It keeps the process alive until `terminate`. */
export interface WorkerHandle<Calls extends WorkerCalls<Calls>> {
  /**
   * Asks the worker and waits for its answer.
   *
   * @param transfer  buffers of the payload that move instead of being copied
   * @throws whatever the worker's function threw, code, where and fix included; {@link OrtError}
   *   RUNTIME_WORKER_CRASHED if the worker ends before it answers, RUNTIME_WORKER_STOPPED after `terminate`
   */
  call<Kind extends keyof Calls & string>(
    kind: Kind,
    payload: PayloadOf<Calls[Kind]>,
    transfer?: readonly TransferListItem[],
  ): Promise<ResultOf<Calls[Kind]>>;
  /** Ends the thread once it is out of native code; calls without an answer are rejected. May be called twice. */
  terminate(): Promise<void>;
}

/**
 * Starts a module that calls `serveWorker` in a thread of its own.
 *
 * @param url         see `workerUrl`; a `.ts` module is run with tsx, which development and tests have
 * @param workerData  cloned, and readable there as `workerData` of `node:worker_threads`
 */
export function spawnWorker<Calls extends WorkerCalls<Calls>>(
  url: URL,
  workerData?: unknown,
  options: SpawnWorkerOptions = {},
): WorkerHandle<Calls> {
  const name = options.name ?? url.pathname.split("/").at(-1) ?? "worker";
  const worker = new Worker(entryOf(url), { workerData, name });
  return new ThreadHandle<Calls>(worker, name);
}

/**
 * What the thread starts with: the module itself, or for a `.ts` module a line that registers tsx in the thread first
 * (`--import tsx` registers in the main thread only).
 */
function entryOf(url: URL): URL {
  if (!url.pathname.endsWith(".ts")) return url;
  const program = [
    `import { register } from ${JSON.stringify(import.meta.resolve("tsx/esm/api"))};`,
    "register();",
    `await import(${JSON.stringify(url.href)});`,
  ].join("\n");
  return new URL(`data:text/javascript,${encodeURIComponent(program)}`);
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

class ThreadHandle<Calls extends WorkerCalls<Calls>> implements WorkerHandle<Calls> {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  /** Calls that the thread may still be at, wanted or not. */
  #unanswered = 0;
  /** Why no more calls are taken. */
  #ended: Error | undefined;
  #stopping: Promise<void> | undefined;

  constructor(worker: Worker, name: string) {
    this.#worker = worker;
    this.#name = name;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("messageerror", (cause) =>
      this.#end(this.#crashed("sent something that cannot be read", cause)),
    );
    worker.on("error", (cause) => {
      markIdle(worker); // it threw, so it is out of native code
      this.#end(this.#crashed(describe(cause), cause));
    });
    worker.on("exit", (code) => {
      markIdle(worker);
      this.#end(this.#crashed(`ended with exit code ${code}`));
    });
  }

  call<Kind extends keyof Calls & string>(
    kind: Kind,
    payload: PayloadOf<Calls[Kind]>,
    transfer: readonly TransferListItem[] = [],
  ): Promise<ResultOf<Calls[Kind]>> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const id = this.#nextId++;
      this.#worker.postMessage({ id, kind, payload } satisfies Request, transfer);
      this.#unanswered++;
      markBusy(this.#worker);
      this.#pending.set(id, { resolve: (result) => resolve(result as ResultOf<Calls[Kind]>), reject });
    });
  }

  terminate(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#end(
      new OrtError("RUNTIME_WORKER_STOPPED", "the worker was stopped", {
        where: `worker '${this.#name}'`,
        fix: "start another one, or stop it after its last answer",
      }),
    );
    await leaveNativeCode(this.#worker);
    await this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    if (--this.#unanswered === 0) markIdle(this.#worker);
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("error" in reply) pending?.reject(reviveError(reply.error));
    else pending?.resolve(reply.result);
  }

  /** The first reason stays: the exit that follows a crash or a stop says less. */
  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const pending of this.#pending.values()) pending.reject(this.#ended);
    this.#pending.clear();
  }

  #crashed(what: string, cause?: unknown): OrtError {
    return new OrtError("RUNTIME_WORKER_CRASHED", `the worker crashed: ${what}`, {
      where: `worker '${this.#name}'`,
      fix: "run again with TTM_FULL_ERROR=1 for its stack; if memory ran out, lower training.batch_size or runtime.workers",
      cause,
    });
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
}
