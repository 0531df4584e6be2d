import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { TtmError, TtmErrors } from "../../src/core/index.ts";
import {
  type Attribute,
  type DType,
  encodeModel,
  float32Tensor,
  type Graph,
  int64Tensor,
  type Tensor,
  type TensorType,
} from "../../src/onnx/index.ts";
import { createSession, evaluate } from "../../src/runtime/index.ts";

interface OneNode {
  readonly op: string;
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly output: TensorType;
  readonly weights?: Readonly<Record<string, Tensor>>;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A graph of one node named `it`, that takes its inputs, then its weights, and gives `y`. */
function oneNode({ op, inputs, output, weights = {}, attributes = {} }: OneNode): Graph {
  const names = [...Object.keys(inputs), ...Object.keys(weights)];
  return {
    name: "one",
    inputs: Object.entries(inputs).map(([name, type]) => ({ name, ...type })),
    outputs: [{ name: "y", ...output }],
    nodes: [{ op, domain: "", name: "it", inputs: names, outputs: ["y"], attributes }],
    initializers: new Map(Object.entries(weights)),
  };
}

const f32 = (...shape: number[]): TensorType => ({ dtype: "float32", shape });

const matmul = oneNode({
  op: "MatMul",
  inputs: { x: f32(1, 3) },
  weights: { w: float32Tensor([3, 2], [1, 2, 3, 4, 5, 6]) },
  output: f32(1, 2),
});

const ones = float32Tensor([1, 3], [1, 1, 1]);

async function faults(promise: Promise<unknown>): Promise<readonly TtmError[]> {
  const error: unknown = await promise.catch((reason: unknown) => reason);
  if (error instanceof TtmErrors) return error.errors;
  if (error instanceof TtmError) return [error];
  throw error;
}

describe("evaluate", () => {
  it("multiplies matrices", async () => {
    expect(await evaluate(matmul, { x: ones })).toEqual({ y: float32Tensor([1, 2], [9, 12]) });
  });

  it("runs a graph without inputs", async () => {
    const graph = oneNode({ op: "Neg", inputs: {}, weights: { w: float32Tensor([], [2]) }, output: f32() });
    expect(await evaluate(graph)).toEqual({ y: float32Tensor([], [-2]) });
  });

  it.each([
    ["float32", Float32Array.of(1.5, -2)],
    ["float64", Float64Array.of(1.5, -2)],
    ["float16", Uint16Array.of(0x3c00, 0xc000)],
    ["int64", BigInt64Array.of(2n ** 60n, -3n)],
    ["int32", Int32Array.of(5, -3)],
    ["uint8", Uint8Array.of(0, 255)],
    ["bool", Uint8Array.of(1, 0)],
  ] as const satisfies readonly (readonly [DType, Tensor["data"]])[])(
    "passes %s through",
    async (dtype, data) => {
      const type = { dtype, shape: [2] };
      const graph = oneNode({ op: "Identity", inputs: { x: type }, output: type });
      expect(await evaluate(graph, { x: { ...type, data } })).toEqual({ y: { ...type, data } });
    },
  );

  it("gives booleans of comparisons and takes int64 indices", async () => {
    const greater = oneNode({
      op: "Greater",
      inputs: { a: f32(2), b: f32(2) },
      output: { dtype: "bool", shape: [2] },
    });
    const { y } = await evaluate(greater, { a: float32Tensor([2], [1, 3]), b: float32Tensor([2], [2, 2]) });
    expect(y).toEqual({ dtype: "bool", shape: [2], data: Uint8Array.of(0, 1) });
    const gather = oneNode({
      op: "Gather",
      inputs: { x: f32(3), i: { dtype: "int64", shape: [2] } },
      output: f32(2),
    });
    const picked = await evaluate(gather, { x: float32Tensor([3], [5, 6, 7]), i: int64Tensor([2, 0]) });
    expect(picked["y"]).toEqual(float32Tensor([2], [7, 5]));
  });

  it("computes with bfloat16 inside of a graph", async () => {
    const half: Tensor = { dtype: "bfloat16", shape: [2], data: Uint16Array.of(0x3f80, 0xc000) };
    const graph = oneNode({
      op: "Cast",
      inputs: {},
      weights: { w: half },
      attributes: { to: { type: "int", value: 1 } },
      output: f32(2),
    });
    expect(await evaluate(graph)).toEqual({ y: float32Tensor([2], [1, -2]) });
  });
});

describe("createSession", () => {
  it("runs many times, gives chosen outputs, and frees itself once", async () => {
    const graph: Graph = {
      ...matmul,
      nodes: [
        ...matmul.nodes,
        { op: "Neg", domain: "", name: "neg", inputs: ["y"], outputs: ["z"], attributes: {} },
      ],
      outputs: [...matmul.outputs, { name: "z", ...f32(1, 2) }],
    };
    const session = await createSession(graph, {
      intraOpThreads: 1,
      memPattern: false,
      arena: false,
      allowSpinning: false,
    });
    expect(await session.run({ x: ones })).toEqual({
      y: float32Tensor([1, 2], [9, 12]),
      z: float32Tensor([1, 2], [-9, -12]),
    });
    expect(await session.run({ x: float32Tensor([1, 3], [1, 0, 0]) }, ["z"])).toEqual({
      z: float32Tensor([1, 2], [-1, -2]),
    });
    expect(await faults(session.run({ x: ones }, ["zz"]))).toMatchObject([
      { code: "RUNTIME_UNKNOWN_OUTPUT", fix: "did you mean 'z'? it gives y, z" },
    ]);
    await session.release();
    await session.release();
    expect(await faults(session.run({ x: ones }))).toMatchObject([{ code: "RUNTIME_RELEASED" }]);
  });

  it("takes the bytes of a model with its external data", async () => {
    const { model, externalData } = encodeModel(matmul, { externalDataName: "w.bin", externalThreshold: 0 });
    if (!externalData) throw new Error("nothing went to external data");
    const session = await createSession({ model, externalData: { "w.bin": externalData }, name: "m" });
    expect(session.inputs).toEqual([{ name: "x", dtype: "float32", shape: [1, 3] }]);
    expect(await session.run({ x: ones })).toEqual({ y: float32Tensor([1, 2], [9, 12]) });
    await session.release();
  });

  it("holds large weights outside of the model", async () => {
    const w = float32Tensor([1000], new Float32Array(1000).fill(2));
    const graph = oneNode({ op: "Mul", inputs: { x: f32(1000) }, weights: { w }, output: f32(1000) });
    const { y } = await evaluate(graph, { x: w });
    expect(y?.data.every((value) => value === 4)).toBe(true);
  });

  it.each<[string, OneNode, string]>([
    [
      "an unknown op",
      { op: "Nope", inputs: { x: f32(2) }, output: f32(2) },
      "graph 'one', Nope 'it' (float32[2])",
    ],
    [
      "shapes that do not fit",
      { op: "MatMul", inputs: { x: f32(2, 3), z: f32(2, 3) }, output: f32(2, 2) },
      "graph 'one', MatMul 'it' (float32[2, 3], float32[2, 3])",
    ],
    [
      "mixed element types",
      { op: "Add", inputs: { x: f32(1) }, weights: { w: int64Tensor([1]) }, output: f32(1) },
      "graph 'one', Add 'it' (float32[1], int64[1])",
    ],
  ])("names the node for %s", async (_, node, where) => {
    const [error] = await faults(createSession(oneNode(node)));
    expect(error?.code).toBe("RUNTIME_BAD_MODEL");
    expect(error?.where?.text).toBe(where);
    expect(error?.fix).toBeTruthy();
  });

  it("says that bytes are no model", async () => {
    const [error] = await faults(createSession({ model: Uint8Array.of(1, 2, 3), name: "broken" }));
    expect(error).toMatchObject({ code: "RUNTIME_BAD_MODEL", where: { text: "graph 'broken'" } });
  });

  it("names the node that fails while running", async () => {
    const gather = oneNode({
      op: "Gather",
      inputs: { x: f32(2), i: { dtype: "int64", shape: [1] } },
      output: f32(1),
    });
    const [error] = await faults(evaluate(gather, { x: float32Tensor([2], [1, 2]), i: int64Tensor([9]) }));
    expect(error?.code).toBe("RUNTIME_RUN_FAILED");
    expect(error?.where?.text).toBe("graph 'one', Gather 'it' (float32[2], int64[1])");
    expect(error?.message).toContain("idx=9 must be within the inclusive range [-2,1]");
  });

  it("refuses bfloat16 at the edge of a graph", async () => {
    const type: TensorType = { dtype: "bfloat16", shape: [2] };
    const [error] = await faults(
      createSession(oneNode({ op: "Identity", inputs: { x: type }, output: type })),
    );
    expect(error).toMatchObject({ code: "RUNTIME_UNSUPPORTED_DTYPE", where: { text: "graph 'one', 'x'" } });
  });
});

describe("feeds", () => {
  it.each<[string, Record<string, Tensor>, string, string]>([
    ["nothing", {}, "RUNTIME_MISSING_FEED", "input 'x' was not fed"],
    [
      "another element type",
      { x: { dtype: "float64", shape: [1, 3], data: new Float64Array(3) } },
      "RUNTIME_BAD_FEED",
      "input 'x': expected float32[1, 3], got float64[1, 3]",
    ],
    [
      "another shape",
      { x: float32Tensor([3], [1, 2, 3]) },
      "RUNTIME_BAD_FEED",
      "input 'x': expected float32[1, 3], got float32[3]",
    ],
    [
      "too few elements",
      { x: float32Tensor([1, 3], [1, 2]) },
      "RUNTIME_BAD_FEED",
      "input 'x': float32[1, 3] holds 3 elements, its data 2",
    ],
    [
      "another kind of array",
      { x: { dtype: "float32", shape: [1, 3], data: new Int32Array(3) } },
      "RUNTIME_BAD_FEED",
      "input 'x': float32 is held in a Float32Array, got a Int32Array",
    ],
  ])("refuses %s", async (_, feeds, code, message) => {
    const [error] = await faults(evaluate(matmul, feeds));
    expect(error).toMatchObject({ code, message, where: { text: "graph 'one', input 'x'" } });
  });

  it("reports all faults in one go", async () => {
    const errors = await faults(evaluate(matmul, { xx: ones }));
    expect(errors.map(({ code, fix }) => [code, fix])).toEqual([
      ["RUNTIME_MISSING_FEED", "feed a tensor float32[1, 3]"],
      ["RUNTIME_UNKNOWN_FEED", "did you mean 'x'? it takes x"],
    ]);
  });
});

describe("standard error", () => {
  it("stays empty, with weights that nothing uses and a run that fails", () => {
    const program = fileURLToPath(new URL("workers/noisy-program.ts", import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", program], {
      encoding: "utf8",
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: "RUNTIME_RUN_FAILED\n", stderr: "", status: 0 });
  });
});
