import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { formatError, TtmError, TtmErrors } from "../../src/core/index.ts";
import { float32Tensor, type Graph } from "../../src/onnx/index.ts";
import {
  OrtError,
  reviveError,
  serializeError,
  spawnWorker,
  type WorkerHandle,
  workerUrl,
} from "../../src/runtime/index.ts";
import type { EchoCalls } from "./workers/echo-worker.ts";

const started: WorkerHandle<EchoCalls>[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.terminate()));
});

function start(workerData?: unknown): WorkerHandle<EchoCalls> {
  const worker = spawnWorker<EchoCalls>(workerUrl("workers/echo-worker", import.meta.url), workerData);
  started.push(worker);
  return worker;
}

const fault = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );

const square: Graph = {
  name: "square",
  inputs: [{ name: "x", dtype: "float32", shape: [2] }],
  outputs: [{ name: "y", dtype: "float32", shape: [2] }],
  nodes: [{ op: "Mul", domain: "", name: "mul", inputs: ["x", "x"], outputs: ["y"], attributes: {} }],
  initializers: new Map(),
};

describe("workerUrl", () => {
  it.each([
    ["file:///app/src/train/fit.ts", "file:///app/src/train/step-worker.ts"],
    ["file:///app/dist/train/fit.js", "file:///app/dist/train/step-worker.js"],
  ])("finds the sibling of %s", (base, expected) => {
    expect(workerUrl("step-worker", base).href).toBe(expected);
  });
});

describe("a worker", () => {
  it("answers calls, each with its own answer, and knows its data", async () => {
    const worker = start({ seed: 3 });
    const answers = await Promise.all([
      worker.call("echo", 1),
      worker.call("data", null),
      worker.call("echo", [2n]),
    ]);
    expect(answers).toEqual([1, { seed: 3 }, [2n]]);
  });

  it("moves buffers instead of copying them", async () => {
    const values = new Float32Array(3);
    const filled = await start().call("fill", values, [values.buffer]);
    expect(values.byteLength).toBe(0);
    expect(filled).toEqual(Float32Array.of(7, 7, 7));
  });

  it("sees shared memory without a copy", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    const back = await start().call("echo", shared);
    shared[0] = 5;
    expect(back).toEqual(Float32Array.of(5, 0));
  });

  it("runs graphs, fed from shared memory", async () => {
    const x = new Float32Array(new SharedArrayBuffer(8));
    x.set([3, -2]);
    const { y } = await start().call("evaluate", {
      graph: square,
      feeds: { x: { dtype: "float32", shape: [2], data: x } },
    });
    expect(y).toEqual(float32Tensor([2], [9, 4]));
  });

  it("two run beside each other", async () => {
    const feeds = { x: float32Tensor([2], [1, 2]) };
    const results = await Promise.all(
      [start(), start()].map((worker) => worker.call("evaluate", { graph: square, feeds })),
    );
    for (const { y } of results) expect(y).toEqual(float32Tensor([2], [1, 4]));
  });

  it("raises a fault again with code, what, where, fix and cause", async () => {
    const error = await fault(start().call("fail", "ttm"));
    if (!(error instanceof TtmError)) throw error;
    expect(error.name).toBe("TtmError");
    expect(formatError(error)).toBe(
      "error TEST_ONE: it is wrong\n  at   conf/a.yaml:3:7\n         ^^^\n  fix  mend it",
    );
    expect(error.cause).toMatchObject({ message: "the reason" });
    expect(error.stack).toContain("echo-worker");
  });

  it("raises several faults, plain errors and other things", async () => {
    const worker = start();
    const many = await fault(worker.call("fail", "many"));
    if (!(many instanceof TtmErrors)) throw many;
    expect(many.errors.map(({ code }) => code)).toEqual(["TEST_ONE", "TEST_TWO"]);
    expect(await fault(worker.call("fail", "plain"))).toMatchObject({
      name: "RangeError",
      message: "too far",
    });
    expect(await fault(worker.call("fail", "string"))).toMatchObject({ message: "just text" });
    expect(await worker.call("echo", "still there")).toBe("still there");
  });

  it("says that a result or a payload cannot be sent", async () => {
    const worker = start();
    expect(await fault(worker.call("unclonable", null))).toMatchObject({ name: "DataCloneError" });
    expect(await fault(worker.call("echo", () => 1))).toMatchObject({ name: "DataCloneError" });
    expect(await worker.call("echo", 1)).toBe(1);
  });

  it("rejects what waits, and what comes later, when it crashes", async () => {
    const worker = start();
    const waiting = fault(worker.call("never", null));
    const crashing = fault(worker.call("crash", null));
    for (const error of [await waiting, await crashing, await fault(worker.call("echo", 1))]) {
      expect(error).toMatchObject({
        code: "RUNTIME_WORKER_CRASHED",
        where: { text: "worker 'echo-worker.ts'" },
      });
      expect(error).toMatchObject({ message: "the worker crashed: Error: out of the blue" });
    }
  });

  it("rejects what waits when it exits", async () => {
    const error = await fault(start().call("exit", 3));
    expect(error).toMatchObject({
      code: "RUNTIME_WORKER_CRASHED",
      message: "the worker crashed: ended with exit code 3",
    });
  });

  it("rejects what waits, and what comes later, when it is stopped", async () => {
    const worker = start();
    const waiting = fault(worker.call("never", null));
    await worker.terminate();
    await worker.terminate();
    expect(await waiting).toMatchObject({ code: "RUNTIME_WORKER_STOPPED" });
    expect(await fault(worker.call("echo", 1))).toMatchObject({ code: "RUNTIME_WORKER_STOPPED" });
  });
});

describe("inside of ONNX Runtime", () => {
  it.each([
    ["terminate", "RUNTIME_WORKER_STOPPED\n"],
    ["exit", ""],
  ])("%s waits for the native call and leaves no trace", (mode, expected) => {
    const program = fileURLToPath(new URL("workers/stopping-program.ts", import.meta.url));
    const child = spawnSync(process.execPath, ["--import", "tsx", program, mode], { encoding: "utf8" });
    const { stdout, stderr, status } = child;
    expect({ stdout, stderr, status }).toEqual({ stdout: expected, stderr: "", status: 0 });
  });
});

describe("serializeError", () => {
  it("keeps the class's name", () => {
    const error = reviveError(structuredClone(serializeError(new OrtError("RUNTIME_RELEASED", "gone"))));
    expect(error).toMatchObject({ name: "OrtError", code: "RUNTIME_RELEASED", message: "gone" });
  });
});
