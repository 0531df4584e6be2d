import { readFileSync } from "node:fs";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OnnxError } from "../../src/onnx/errors.ts";
import {
  type Attribute,
  arrayTypeOf,
  type DType,
  float32Tensor,
  freezeGraph,
  type Graph,
  int64Tensor,
  type Tensor,
} from "../../src/onnx/graph.ts";
import { decodeModel } from "../../src/onnx/proto/decode-model.ts";
import { encodeModel } from "../../src/onnx/proto/encode-model.ts";
import { ModelProtoSchema } from "../../src/onnx/proto/generated/onnx-ml_pb.js";
import { elementCount } from "../../src/onnx/shapes.ts";

/** Files made by onnx 1.23.2; see `data/make-fixtures.py`. */
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`data/${name}`, import.meta.url)));

const thrown = (action: () => unknown): OnnxError => {
  try {
    action();
  } catch (error) {
    if (error instanceof OnnxError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

const linear: Graph = freezeGraph({
  name: "linear",
  inputs: [{ name: "x", dtype: "float32", shape: [2, 3] }],
  outputs: [{ name: "y", dtype: "float32", shape: [2, 2] }],
  nodes: [{ op: "MatMul", domain: "", name: "mul", inputs: ["x", "w"], outputs: ["y"], attributes: {} }],
  initializers: new Map([["w", float32Tensor([3, 2], [1, 2, 3, 4, 5, 6])]]),
});

describe("encodeModel", () => {
  it("declares the producer, the IR version and opset 20", () => {
    const model = fromBinary(ModelProtoSchema, encodeModel(linear).model);
    expect(model.producerName).toBe("ttm");
    expect(model.irVersion).toBe(9n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([["", 20n]]);
  });

  it("declares com.microsoft when a node uses it", () => {
    const [node] = linear.nodes;
    if (!node) throw new Error("no node");
    const graph = { ...linear, nodes: [{ ...node, op: "FusedMatMul", domain: "com.microsoft" }] };
    const model = fromBinary(ModelProtoSchema, encodeModel(graph).model);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ["", 20n],
      ["com.microsoft", 1n],
    ]);
  });

  it("puts large weights into one blob, aligned, and small ones into the model", () => {
    const initializers = new Map([
      ["axes", int64Tensor([1])],
      ["a", float32Tensor([5], [1, 2, 3, 4, 5])],
      ["b", float32Tensor([5], [6, 7, 8, 9, 10])],
    ]);
    const { model, externalData } = encodeModel(
      { ...linear, initializers },
      { externalDataName: "weights.bin", externalThreshold: 20 },
    );
    const [axes, a, b] = fromBinary(ModelProtoSchema, model).graph?.initializer ?? [];
    const entries = (tensor: typeof a) => tensor?.externalData.map(({ key, value }) => [key, value]);
    expect(axes?.rawData.byteLength).toBe(8);
    expect(entries(a)).toEqual([
      ["location", "weights.bin"],
      ["offset", "0"],
      ["length", "20"],
    ]);
    expect(entries(b)).toEqual([
      ["location", "weights.bin"],
      ["offset", "64"],
      ["length", "20"],
    ]);
    expect(externalData?.byteLength).toBe(84);
    expect(new Float32Array((externalData ?? new Uint8Array()).slice(64).buffer)).toEqual(
      Float32Array.of(6, 7, 8, 9, 10),
    );
  });
});

describe("decodeModel", () => {
  it("reads every element type, from typed fields and raw bytes alike", () => {
    const { initializers } = decodeModel(fixture("element-types.onnx"));
    const expected: Record<Exclude<DType, "bfloat16">, Tensor["data"]> = {
      float32: Float32Array.of(1, 0, 2, 7),
      float64: Float64Array.of(1, 0, 2, 7),
      float16: Uint16Array.of(0x3c00, 0, 0x4000, 0x4700),
      int64: BigInt64Array.of(1n, 0n, 2n, 7n),
      int32: Int32Array.of(1, 0, 2, 7),
      uint8: Uint8Array.of(1, 0, 2, 7),
      bool: Uint8Array.of(1, 0, 1, 1),
    };
    for (const [dtype, data] of Object.entries(expected)) {
      expect(initializers.get(`${dtype}_typed`), dtype).toEqual({ dtype, shape: [2, 2], data });
      expect(initializers.get(`${dtype}_raw`), dtype).toEqual({ dtype, shape: [2, 2], data });
    }
    expect(initializers.get("bfloat16_typed")?.data).toEqual(Uint16Array.of(0x3f80, 0, 0x4000, 0x40e0));
  });

  it("reads attributes and absent optional names", () => {
    const [node] = decodeModel(fixture("attributes.onnx")).nodes;
    expect(node?.inputs).toEqual(["x", "", "x"]);
    expect(node?.outputs).toEqual(["y", ""]);
    expect(node?.domain).toBe("com.microsoft");
    expect(node?.attributes).toEqual({
      count: { type: "int", value: 3 },
      share: { type: "float", value: 0.5 },
      text: { type: "string", value: "añb" },
      list_of_int: { type: "ints", value: [1, -2] },
      list_of_float: { type: "floats", value: [0.25, 2] },
      list_of_text: { type: "strings", value: ["a", "b"] },
      a_tensor: { type: "tensor", value: float32Tensor([2], [1.5, 2.5]) },
    });
  });

  it("turns Constant nodes into initializers and infers an output without a shape", () => {
    const graph = decodeModel(fixture("constants.onnx"));
    expect(graph.nodes.map(({ op }) => op)).toEqual(["Reshape", "Mul"]);
    expect(graph.initializers.get("a")).toEqual(int64Tensor([3, 2]));
    expect(graph.initializers.get("b")).toEqual(float32Tensor([], [2]));
    expect(graph.outputs).toEqual([{ name: "y", dtype: "float32", shape: [3, 2] }]);
  });

  it("rewrites the axes of an older opset as an input", () => {
    const graph = decodeModel(fixture("opset-13-axes.onnx"));
    expect(graph.nodes[0]?.inputs).toEqual(["x", "mean.axes"]);
    expect(graph.nodes[0]?.attributes).toEqual({ keepdims: { type: "int", value: 0 } });
    expect(graph.nodes[1]?.inputs).toEqual(["m"]);
    expect(graph.initializers.get("mean.axes")).toEqual(int64Tensor([1]));
  });

  it("takes sizes of symbolic dimensions by name or place, and infers those of the output", () => {
    const graph = decodeModel(fixture("symbolic.onnx"), { dimensions: { batch: 4, "x[1]": 5 } });
    expect(graph.inputs[0]?.shape).toEqual([4, 5, 3]);
    expect(graph.outputs[0]?.shape).toEqual([4, 5, 3]);
  });

  it("names the dimensions without a size", () => {
    const error = thrown(() => decodeModel(fixture("symbolic.onnx")));
    expect(error.code).toBe("ONNX_SYMBOLIC_SHAPE");
    expect(error.message).toBe("2 dimensions have no size: batch, x[1]");
    expect(error.where?.text).toBe("graph input 'x' [batch, x[1], 3]");
    expect(error.fix).toContain('{ batch: 1, "x[1]": 1 }');
  });

  it("reads external data at its offset", () => {
    const asked: string[] = [];
    const externalData = (location: string) => {
      asked.push(location);
      return fixture(location);
    };
    const graph = decodeModel(fixture("external.onnx"), { externalData });
    expect(graph.initializers.get("w")).toEqual(float32Tensor([3], [0, 1, 2]));
    expect(asked).toEqual(["external.bin"]);
  });

  it.each([
    ["no file of external data", () => decodeModel(fixture("external.onnx")), "initializer 'w'"],
    [
      "external data cut short",
      () => decodeModel(fixture("external.onnx"), { externalData: () => new Uint8Array(8) }),
      "initializer 'w'",
    ],
    [
      "bytes that are no protobuf",
      () => decodeModel(new TextEncoder().encode("version https://git-lfs")),
      undefined,
    ],
    ["no graph", () => decodeModel(new Uint8Array()), undefined],
    ["data that does not fit the shape", () => decodeModel(withShortWeight()), "initializer 'w'"],
  ])("refuses %s as ONNX_BAD_FILE", (_, action, where) => {
    const error = thrown(action);
    expect(error.code).toBe("ONNX_BAD_FILE");
    expect(error.where?.text).toBe(where);
    expect(error.fix).toBeTruthy();
  });

  it.each([
    ["subgraph.onnx", "If 'choose'"],
    ["sequence.onnx", "graph output 'y'"],
    ["sparse.onnx", "initializer 'w'"],
    ["int8-weight.onnx", "initializer 'w'"],
    ["opset-12.onnx", "graph 'opset-12'"],
  ])("refuses %s as ONNX_UNSUPPORTED", (name, where) => {
    const error = thrown(() => decodeModel(fixture(name)));
    expect(error.code).toBe("ONNX_UNSUPPORTED");
    expect(error.where?.text).toBe(where);
    expect(error.fix).toBeTruthy();
  });

  it("drops weights from the inputs, where files of IR version 3 list them", () => {
    const proto = fromBinary(ModelProtoSchema, encodeModel(linear).model);
    const weight = fromBinary(
      ModelProtoSchema,
      encodeModel({ ...linear, inputs: [{ name: "w", dtype: "float32", shape: [3, 2] }] }).model,
    ).graph?.input[0];
    if (proto.graph && weight) proto.graph.input.push(weight);
    expect(decodeModel(toBinary(ModelProtoSchema, proto)).inputs).toEqual(linear.inputs);
  });
});

function withShortWeight(): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, encodeModel(linear).model);
  const weight = proto.graph?.initializer[0];
  if (weight) weight.rawData = weight.rawData.slice(0, 8);
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, proto));
}

describe("graph → proto → graph", () => {
  it("gives the same graph, inline and with external data", () => {
    fc.assert(
      fc.property(graphs(), fc.integer({ min: 0, max: 64 }), (graph, externalThreshold) => {
        expect(decodeModel(encodeModel(graph).model)).toEqual(graph);
        const { model, externalData } = encodeModel(graph, { externalDataName: "w", externalThreshold });
        expect(decodeModel(model, { externalData: () => externalData ?? new Uint8Array() })).toEqual(graph);
      }),
    );
  });
});

const dtypes: readonly DType[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "uint8",
  "bool",
];
const names = fc.string({ minLength: 1, maxLength: 6 }).filter((name) => name !== "__proto__");
const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
const types = fc.record({ dtype: fc.constantFrom(...dtypes), shape: shapes });
const floats = fc.float({ noNaN: true });
const integers = fc.maxSafeInteger();

function tensors(): fc.Arbitrary<Tensor> {
  return types.chain(({ dtype, shape }) => {
    const ArrayType = arrayTypeOf(dtype);
    const length = elementCount(shape) * ArrayType.BYTES_PER_ELEMENT;
    return fc
      .uint8Array({ minLength: length, maxLength: length, max: 127 })
      .map((bytes) => ({ dtype, shape, data: new ArrayType(Uint8Array.from(bytes).buffer) }));
  });
}

function attributes(): fc.Arbitrary<Attribute> {
  return fc.oneof(
    fc.record({ type: fc.constant("int" as const), value: integers }),
    fc.record({ type: fc.constant("float" as const), value: floats }),
    fc.record({ type: fc.constant("string" as const), value: fc.string({ unit: "grapheme" }) }),
    fc.record({ type: fc.constant("ints" as const), value: fc.array(integers) }),
    fc.record({ type: fc.constant("floats" as const), value: fc.array(floats) }),
    fc.record({ type: fc.constant("strings" as const), value: fc.array(fc.string()) }),
    fc.record({ type: fc.constant("tensor" as const), value: tensors() }),
  );
}

function graphs(): fc.Arbitrary<Graph> {
  const values = fc.uniqueArray(fc.tuple(fc.string(), types), { selector: ([name]) => name, maxLength: 4 });
  const valueInfos = values.map((list) => list.map(([name, type]) => ({ name, ...type })));
  const node = fc.record({
    op: fc.constantFrom("Add", "Gemm", "Anything"),
    domain: fc.constantFrom("", "com.microsoft", "my.ops"),
    name: fc.string(),
    inputs: fc.array(fc.string(), { maxLength: 3 }),
    outputs: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
    attributes: fc.dictionary(names, attributes(), { maxKeys: 4, noNullPrototype: true }),
  });
  return fc
    .record({
      name: fc.string(),
      inputs: valueInfos,
      outputs: valueInfos,
      nodes: fc.array(node, { maxLength: 4 }),
      // Prefixed, for a name is defined once: an initializer is no input.
      initializers: fc
        .uniqueArray(
          fc.tuple(
            names.map((name) => `weight ${name}`),
            tensors(),
          ),
          { selector: ([name]) => name, maxLength: 4 },
        )
        .map((entries) => new Map(entries)),
    })
    .filter(({ inputs, initializers }) => inputs.every(({ name }) => !initializers.has(name)));
}
