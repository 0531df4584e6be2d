import type { Worker } from "node:worker_threads";
import type { StopRequest } from "./protocol.ts";

/**
 * ONNX Runtime's binding aborts the whole process if its thread is torn down in the middle of a native call, so
 * a busy thread is asked to leave and given so long to come out; a training step takes tenths of a second.
 */
const GRACE_MILLISECONDS = 30_000;

/** Threads with calls that they have not answered. */
const busy = new Set<Worker>();
let watching = false;

export function markBusy(worker: Worker): void {
  busy.add(worker);
  if (watching) return;
  watching = true;
  process.once("exit", waitForAll);
}

export function markIdle(worker: Worker): void {
  busy.delete(worker);
}

/** Resolves when a busy thread has left, or its time is up. An idle one needs no asking. */
export function leaveNativeCode(worker: Worker): Promise<void> {
  if (!busy.has(worker)) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GRACE_MILLISECONDS);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    askToStop(worker);
  });
}

/** `process.exit` in the middle of a step: nothing asynchronous happens any more, so this waits on shared memory. */
function waitForAll(): void {
  const flags = [...busy].map(askToStop);
  for (const flag of flags) Atomics.wait(flag, 0, 0, GRACE_MILLISECONDS);
}

function askToStop(worker: Worker): Int32Array {
  const stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  worker.postMessage({ stop } satisfies StopRequest);
  return stop;
}
