import { float32Tensor, type Graph, int64Tensor } from "../../../src/onnx/index.ts";
import { createSession, listDevices, OrtError } from "../../../src/runtime/index.ts";

/** ONNX Runtime would warn of the unused weight and print the failing run. */
const graph: Graph = {
  name: "noisy",
  inputs: [{ name: "i", dtype: "int64", shape: [1] }],
  outputs: [{ name: "y", dtype: "float32", shape: [1] }],
  nodes: [{ op: "Gather", domain: "", name: "pick", inputs: ["w", "i"], outputs: ["y"], attributes: {} }],
  initializers: new Map([
    ["w", float32Tensor([2], [1, 2])],
    ["unused", float32Tensor([2], [1, 2])],
  ]),
};

await listDevices();
const session = await createSession(graph);
const error: unknown = await session.run({ i: int64Tensor([5]) }).catch((reason: unknown) => reason);
await session.release();
console.log(error instanceof OrtError ? error.code : error);
