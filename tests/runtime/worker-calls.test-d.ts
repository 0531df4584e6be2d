import { expectTypeOf, test } from "vitest";
import { serveWorker, Transferred, type WorkerHandle } from "../../src/runtime/index.ts";

interface Calls {
  load(path: string): void;
  step(batch: Float32Array): { loss: number };
}

declare const worker: WorkerHandle<Calls>;

test("a call takes its payload and promises its result", () => {
  expectTypeOf(worker.call("step", new Float32Array(1))).toEqualTypeOf<Promise<{ loss: number }>>();
  // @ts-expect-error a wrong payload
  void worker.call("load", 3);
  // @ts-expect-error an unknown call
  void worker.call("stop", null);
});

test("a worker answers every call, with the right result", () => {
  serveWorker<Calls>({ load: async () => {}, step: () => new Transferred({ loss: 1 }, []) });
  // @ts-expect-error `step` is missing
  serveWorker<Calls>({ load: () => {} });
  // @ts-expect-error the loss is a number
  serveWorker<Calls>({ load: () => {}, step: () => ({ loss: "1" }) });
});
