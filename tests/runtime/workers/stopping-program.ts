import { float32Tensor, type Graph } from "../../../src/onnx/index.ts";
import { OrtError, spawnWorker, workerUrl } from "../../../src/runtime/index.ts";
import type { EchoCalls } from "./echo-worker.ts";

/** Stops a worker, or the process, while the worker is inside of ONNX Runtime. */
const size = 1024;
const steps = Array.from({ length: 60 }, (_, step) => step);
const graph: Graph = {
  name: "long",
  inputs: [{ name: "h0", dtype: "float32", shape: [size, size] }],
  outputs: [{ name: `h${steps.length}`, dtype: "float32", shape: [size, size] }],
  nodes: steps.map((step) => ({
    op: "MatMul",
    domain: "",
    name: `step ${step}`,
    inputs: [`h${step}`, "h0"],
    outputs: [`h${step + 1}`],
    attributes: {},
  })),
  initializers: new Map(),
};

const worker = spawnWorker<EchoCalls>(workerUrl("echo-worker", import.meta.url));
await worker.call("echo", "ready");
const h0 = float32Tensor([size, size], new Float32Array(size * size));
const answer = worker.call("evaluate", { graph, feeds: { h0 } }).then(
  () => console.log("answered"),
  (error: unknown) => console.log(error instanceof OrtError ? error.code : error),
);
await new Promise((resolve) => setTimeout(resolve, 150));
if (process.argv[2] === "exit") process.exit(0);
await worker.terminate();
await answer;
