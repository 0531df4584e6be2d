import { describe, expect, it } from "vitest";
import {
  type Attribute,
  type DType,
  elementCount,
  type Graph,
  inferTypes,
  type Node,
  OnnxError,
  ops,
  type Tensor,
  type TensorType,
} from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { type CaseInput, int, ints, type ShapeCase, shapeCases, vector } from "./shape-cases.ts";

function parseType(text: string): TensorType {
  const [, dtype = "", sizes = ""] = /^(\w+)\[(.*)\]$/.exec(text) ?? [];
  return { dtype: dtype as DType, shape: sizes === "" ? [] : sizes.split(",").map(Number) };
}

const printType = ({ dtype, shape }: TensorType) => `${dtype}[${shape.join(",")}]`;
const printInput = (input: CaseInput) =>
  input === null ? "–" : typeof input === "string" ? input : `{${Array.from(input.data, Number).join()}}`;

type GraphRow = Pick<ShapeCase, "inputs" | "attributes"> & {
  op: string;
  outputs: readonly (string | null)[];
};

/** A graph of one node; its outputs are declared as the row says. */
function graphOf({ op, inputs, outputs, attributes = {} }: GraphRow): Graph {
  const node: Node = {
    op,
    domain: "",
    name: "node",
    inputs: inputs.map((input, index) => (input === null ? "" : `x${index}`)),
    outputs: outputs.map((_, index) => `y${index}`),
    attributes,
  };
  return {
    name: "row",
    inputs: inputs.flatMap((input, index) =>
      typeof input === "string" ? [{ name: `x${index}`, ...parseType(input) }] : [],
    ),
    outputs: outputs.flatMap((output, index) =>
      output ? [{ name: `y${index}`, ...parseType(output) }] : [],
    ),
    nodes: [node],
    initializers: new Map(
      inputs.flatMap((input, index) =>
        input !== null && typeof input !== "string" ? [[`x${index}`, input] as const] : [],
      ),
    ),
  };
}

/** Half-ones, zeros for whole numbers: inside of every op's domain. */
function anyValue({ dtype, shape }: TensorType): Tensor {
  const size = elementCount(shape);
  if (dtype === "int64") return { dtype, shape, data: new BigInt64Array(size) };
  if (dtype === "bool") return { dtype, shape, data: new Uint8Array(size).fill(1) };
  const data = dtype === "float64" ? new Float64Array(size) : new Float32Array(size);
  return { dtype, shape, data: data.fill(0.5) };
}

const idOf = (row: ShapeCase) =>
  `${row.op} ${row.inputs.map(printInput).join(" ")} ${Object.entries(row.attributes ?? {})
    .map(([name, { value }]) =>
      typeof value === "object" && !Array.isArray(value) ? name : `${name}=${value}`,
    )
    .join(" ")}`.trim();
const rows = shapeCases.map((row) => ({ id: idOf(row), row }));

describe("types of outputs", () => {
  it("have a row for every op, and no row without one", () => {
    expect([...new Set(shapeCases.map(({ op }) => op))].sort()).toEqual(Object.keys(ops).sort());
  });

  it.each(rows)("$id", ({ row }) => {
    const types = inferTypes(graphOf(row));
    expect(row.outputs.map((_, index) => printType(types.get(`y${index}`) as TensorType))).toEqual(
      row.outputs,
    );
  });

  it.each(rows)("are ONNX Runtime's: $id", async ({ row }) => {
    const graph = graphOf(row);
    const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, anyValue(input)]));
    const results = await evaluate(graph, feeds);
    expect(row.outputs.map((_, index) => printType(results[`y${index}`] as Tensor))).toEqual(row.outputs);
  });
});

interface Fault {
  readonly op: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
  readonly code: string;
  readonly what: RegExp;
}

const fault = (op: string, inputs: readonly CaseInput[], what: RegExp, more: Partial<Fault> = {}): Fault => ({
  op,
  inputs,
  what,
  code: "ONNX_BAD_NODE",
  ...more,
});

const faults: readonly Fault[] = [
  fault("Nonsense", ["float32[2]"], /no shape rule for the op Nonsense/, { code: "ONNX_UNKNOWN_OP" }),
  fault("toString", ["float32[2]"], /no shape rule/, { code: "ONNX_UNKNOWN_OP" }),
  fault("Abs", [null], /input 0 is missing/),
  fault("Abs", ["float32[2]"], /2 outputs, the op gives 1/, { outputs: 2 }),
  fault("Add", ["float32[2]", "float32[3]"], /do not broadcast/),
  fault("Add", ["float32[2]", "float64[2]"], /element types differ/),
  fault("Where", ["bool[2]", "float32[3]", "float32[]"], /do not broadcast/),
  fault("Cast", ["float32[2]"], /unknown element type/, { attributes: { to: int(99) } }),
  fault("MatMul", ["float32[2,3]", "float32[4,5]"], /inner sizes differ/),
  fault("MatMul", ["float32[2,2,3]", "float32[3,3,4]"], /batch sizes/),
  fault("MatMul", ["float32[]", "float32[3]"], /scalar/),
  fault("Gemm", ["float32[2,3]", "float32[2,3]"], /inner sizes differ/),
  fault("Gemm", ["float32[2,3,4]", "float32[4,3]"], /must be matrices/),
  fault("Gemm", ["float32[2,3]", "float32[3,4]", "float32[3]"], /C does not broadcast/),
  fault("Gemm", ["float32[1,3]", "float32[3,4]", "float32[2,4]"], /C does not broadcast/),
  fault("ReduceSum", ["float32[2,3]", vector(2)], /axis 2 is out of range for rank 2/),
  fault("ReduceSum", ["float32[2,3]", "int64[1]"], /input 1 must be a constant/),
  fault("Reshape", ["float32[2,3]", vector(4)], /6 elements do not fit the shape \[4\]/),
  fault("Reshape", ["float32[2,3]", vector(-1, 4)], /6 elements do not fit the shape \[-1, 4\]/),
  fault("Reshape", ["float32[2,3]", vector(2, 3, 0)], /0 copies an axis/),
  fault("Transpose", ["float32[2,3]"], /perm/, { attributes: { perm: ints(0) } }),
  fault("Transpose", ["float32[2,3]"], /perm/, { attributes: { perm: ints(0, 0) } }),
  fault("Transpose", ["float32[2,3]"], /perm/, { attributes: { perm: ints(0, 2) } }),
  fault("Concat", ["float32[2,3]", "float32[3,3]"], /input 1 differs/, { attributes: { axis: int(1) } }),
  fault("Split", ["float32[6]", vector(2, 2)], /do not sum to 6/, { outputs: 2 }),
  fault("Slice", ["float32[6]", vector(0), vector(1), vector(1)], /axis 1 is out of range/),
  fault("Slice", ["float32[6]", vector(0), vector(1), vector(0), vector(0)], /step is 0/),
  fault("Squeeze", ["float32[2,1]", vector(0)], /axis 0 has the size 2/),
  fault("Expand", ["float32[2,3]", vector(2, 2)], /does not broadcast/),
  fault("Tile", ["float32[2,3]", vector(2)], /too few/),
  fault("Gather", ["float32[2,3]", "int64[1]"], /out of range/, { attributes: { axis: int(-3) } }),
  fault("Conv", ["float32[1,3,8]", "float32[4,2,3]"], /channels do not fit/),
];

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a node that cannot be typed", () => {
  it.each(faults)("$op: $what", ({ op, inputs, attributes, outputs = 1, code, what }) => {
    const row = {
      op,
      inputs,
      outputs: Array<null>(outputs).fill(null),
      ...(attributes ? { attributes } : {}),
    };
    const error = thrownBy(() => inferTypes(graphOf(row)));
    expect(error).toBeInstanceOf(OnnxError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(what) });
  });

  it("is shown with the types of its inputs", () => {
    const row = { op: "Add", inputs: ["float32[2]", "float32[3]"], outputs: [null] };
    expect(thrownBy(() => inferTypes(graphOf(row)))).toMatchObject({
      where: { text: "Add 'node' (float32[2], float32[3])" },
    });
  });

  it("names a value that is defined nowhere", () => {
    const graph = graphOf({ op: "Add", inputs: ["float32[2]", "float32[2]"], outputs: [null] });
    const error = thrownBy(() => inferTypes({ ...graph, inputs: graph.inputs.slice(0, 1) }));
    expect(error).toMatchObject({
      code: "ONNX_UNDEFINED_VALUE",
      message: "'x1' is used before it is defined",
      where: { text: "Add 'node' (float32[2], –)" },
    });
  });
});
