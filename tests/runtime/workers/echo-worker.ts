import { workerData } from "node:worker_threads";
import { TtmError, TtmErrors } from "../../../src/core/index.ts";
import type { Graph, Tensor } from "../../../src/onnx/index.ts";
import { evaluate, serveWorker, Transferred } from "../../../src/runtime/index.ts";

/** Calls of the worker that `spawn-worker.test.ts` starts. */
export interface EchoCalls {
  echo(payload: unknown): unknown;
  data(payload: null): unknown;
  never(payload: null): void;
  fill(payload: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer>;
  evaluate(payload: { graph: Graph; feeds: Record<string, Tensor> }): Record<string, Tensor>;
  fail(kind: "ttm" | "many" | "plain" | "string"): void;
  unclonable(payload: null): unknown;
  crash(payload: null): void;
  exit(code: number): void;
}

const fault = (code: string) =>
  new TtmError(code, "it is wrong", {
    where: { text: "conf/a.yaml:3:7", detail: ["  ^^^"] },
    fix: "mend it",
    cause: new Error("the reason"),
  });

const failures = {
  ttm: () => fault("TEST_ONE"),
  many: () => new TtmErrors([fault("TEST_ONE"), fault("TEST_TWO")]),
  plain: () => new RangeError("too far"),
  string: () => "just text",
};

serveWorker<EchoCalls>({
  echo: (payload) => payload,
  data: () => workerData,
  never: () => new Promise(() => {}),
  fill: (values) => new Transferred(values.fill(7), [values.buffer]),
  evaluate: ({ graph, feeds }) => evaluate(graph, feeds),
  fail: (kind) => {
    throw failures[kind]();
  },
  unclonable: () => () => 1,
  crash: () => {
    setImmediate(() => {
      throw new Error("out of the blue");
    });
    return new Promise(() => {});
  },
  exit: (code) => process.exit(code),
});
