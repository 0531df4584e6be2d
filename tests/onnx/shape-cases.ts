import { type Attribute, GraphBuilder, int64Tensor, type OpType, type Tensor } from "../../src/onnx/index.ts";

/** An input: a type (`float32[2,3]`, `bool[]`), a constant, or null for an absent one. */
export type CaseInput = string | Tensor | null;

/** One row: an op, what goes in, and the types that come out, by hand from the operator's description. */
export interface ShapeCase {
  readonly op: OpType;
  readonly inputs: readonly CaseInput[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

export const int = (value: number): Attribute => ({ type: "int", value });
export const ints = (...value: number[]): Attribute => ({ type: "ints", value });
const float = (value: number): Attribute => ({ type: "float", value });
const text = (value: string): Attribute => ({ type: "string", value });
export const vector = (...values: number[]) => int64Tensor(values);
const scalar = (dtype: "float32" | "int64", value: number): Tensor => ({
  dtype,
  shape: [],
  data: dtype === "int64" ? BigInt64Array.of(BigInt(value)) : Float32Array.of(value),
});
const yes: Tensor = { dtype: "bool", shape: [], data: Uint8Array.of(1) };

const row = (
  op: OpType,
  inputs: readonly CaseInput[],
  outputs: string | readonly string[],
  attributes?: Readonly<Record<string, Attribute>>,
): ShapeCase => ({
  op,
  inputs,
  outputs: typeof outputs === "string" ? [outputs] : outputs,
  ...(attributes ? { attributes } : {}),
});

const likeInput = [
  ...([
    "Abs",
    "Acos",
    "Acosh",
    "Asin",
    "Asinh",
    "Atan",
    "Atanh",
    "Ceil",
    "Celu",
    "Cos",
    "Cosh",
    "Elu",
  ] as const),
  ...(["Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Log"] as const),
  ...([
    "LogSoftmax",
    "LpNormalization",
    "Mish",
    "Neg",
    "Reciprocal",
    "Relu",
    "Round",
    "Selu",
    "Shrink",
  ] as const),
  ...(["Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh"] as const),
  ...(["ThresholdedRelu", "Trilu"] as const),
];
const arithmetic = ["Add", "Sub", "Mul", "Div", "Pow", "Max", "Mean", "Min", "Sum"] as const;
const comparisons = ["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"] as const;
const reductions = [
  ...(["ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean"] as const),
  ...(["ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"] as const),
];

/** Adds the slices up, and hands on each one doubled. */
const runningSum = (): Attribute => {
  const b = new GraphBuilder("body");
  const [sum, slice] = [b.input("sum", "float32", [3]), b.input("slice", "float32", [3])];
  b.output(b.op("Add", [sum, slice]), "next");
  b.output(b.op("Add", [slice, slice]), "doubled");
  return { type: "graph", value: b.build() };
};

export const shapeCases: readonly ShapeCase[] = [
  row("Scan", ["float32[3]", "float32[5,3]"], ["float32[3]", "float32[5,3]"], {
    body: runningSum(),
    num_scan_inputs: int(1),
  }),

  // ----- element by element
  ...likeInput.map((op) => row(op, ["float32[2,3]"], "float32[2,3]")),
  row("Abs", ["float64[]"], "float64[]"),
  row("Not", ["bool[4]"], "bool[4]"),
  row("IsNaN", ["float32[2,3]"], "bool[2,3]"),
  row("IsInf", ["float32[3]"], "bool[3]"),
  row("Clip", ["float32[2,3]", "float32[]", "float32[]"], "float32[2,3]"),
  row("Cast", ["float32[2,3]"], "int64[2,3]", { to: int(7) }),
  row("Cast", ["float32[4]"], "float64[4]", { to: int(11) }),
  row("Cast", ["float32[4]"], "bool[4]", { to: int(9) }),
  row("CastLike", ["float32[2,3]", "float64[1]"], "float64[2,3]"),
  row("Dropout", ["float32[2,3]", scalar("float32", 0.5), yes], ["float32[2,3]", "bool[2,3]"]),
  row("Dropout", ["float32[2,3]", scalar("float32", 0.5), yes], "float32[2,3]"),

  // ----- element by element, broadcast
  ...arithmetic.map((op) => row(op, ["float32[2,3]", "float32[2,3]"], "float32[2,3]")),
  ...arithmetic.map((op) => row(op, ["float32[4,1,3]", "float32[2,1]"], "float32[4,2,3]")),
  row("Add", ["float32[]", "float32[5]"], "float32[5]"),
  row("Sub", ["float32[1]", "float32[]"], "float32[1]"),
  row("Mod", ["int64[2,3]", vector(2, 3, 4)], "int64[2,3]"),
  row("Pow", ["float32[2]", "int64[]"], "float32[2]"),
  row("PRelu", ["float32[2,3]", "float32[3]"], "float32[2,3]"),
  row("Sum", ["float32[3]", "float32[2,1]", "float32[4,1,1]"], "float32[4,2,3]"),
  row("Max", ["float32[3]", "float32[2,1]", "float32[]"], "float32[2,3]"),
  ...comparisons.map((op) => row(op, ["float32[4,1]", "float32[3]"], "bool[4,3]")),
  ...(["And", "Or", "Xor"] as const).map((op) => row(op, ["bool[4,1]", "bool[3]"], "bool[4,3]")),
  row("Where", ["bool[4,1]", "float32[3]", "float32[]"], "float32[4,3]"),
  row("Where", ["bool[]", "float32[2,1]", "float32[5]"], "float32[2,5]"),

  // ----- products
  row("MatMul", ["float32[2,3]", "float32[3,4]"], "float32[2,4]"),
  row("MatMul", ["float32[3]", "float32[3]"], "float32[]"),
  row("MatMul", ["float32[3]", "float32[3,4]"], "float32[4]"),
  row("MatMul", ["float32[5,2,3]", "float32[3]"], "float32[5,2]"),
  row("MatMul", ["float32[5,1,2,3]", "float32[6,3,4]"], "float32[5,6,2,4]"),
  row("Gemm", ["float32[2,3]", "float32[3,4]"], "float32[2,4]"),
  row("Gemm", ["float32[3,2]", "float32[3,4]"], "float32[2,4]", { transA: int(1) }),
  row("Gemm", ["float32[2,3]", "float32[4,3]"], "float32[2,4]", { transB: int(1) }),
  row("Gemm", ["float32[3,2]", "float32[4,3]"], "float32[2,4]", { transA: int(1), transB: int(1) }),
  row("Gemm", ["float32[2,3]", "float32[3,4]", "float32[4]"], "float32[2,4]", { alpha: float(2) }),
  row("Gemm", ["float32[2,3]", "float32[3,4]", "float32[2,1]"], "float32[2,4]", { beta: float(2) }),
  row("Einsum", ["float32[2,3]", "float32[3,4]"], "float32[2,4]", { equation: text("ij,jk->ik") }),
  row("Einsum", ["float32[5,2,3]", "float32[5,4,3]"], "float32[5,2,4]", { equation: text("bid,bjd->bij") }),
  row("Einsum", ["float32[2,3]"], "float32[3,2]", { equation: text("ij->ji") }),

  // ----- reductions
  ...reductions.map((op) => row(op, ["float32[2,3,4]", vector(1)], "float32[2,1,4]")),
  ...reductions.map((op) => row(op, ["float32[2,3,4]", vector(-1, 0)], "float32[3]", { keepdims: int(0) })),
  row("ReduceSum", ["float32[2,3]"], "float32[1,1]"),
  row("ReduceSum", ["float32[2,3]"], "float32[]", { keepdims: int(0) }),
  row("ReduceSum", ["float32[2,3]", vector()], "float32[2,3]", { noop_with_empty_axes: int(1) }),
  ...(["ArgMax", "ArgMin"] as const).flatMap((op) => [
    row(op, ["float32[2,3]"], "int64[1,3]"),
    row(op, ["float32[2,3]"], "int64[2]", { axis: int(-1), keepdims: int(0) }),
  ]),

  // ----- normalisations
  row(
    "BatchNormalization",
    ["float32[2,3,4]", "float32[3]", "float32[3]", "float32[3]", "float32[3]"],
    "float32[2,3,4]",
  ),
  row("InstanceNormalization", ["float32[2,3,4]", "float32[3]", "float32[3]"], "float32[2,3,4]"),
  row("LayerNormalization", ["float32[2,3,4]", "float32[4]", "float32[4]"], "float32[2,3,4]"),
  row(
    "LayerNormalization",
    ["float32[2,3,4]", "float32[4]"],
    ["float32[2,3,4]", "float32[2,3,1]", "float32[2,3,1]"],
  ),
  row(
    "LayerNormalization",
    ["float32[2,3,4]", "float32[3,4]"],
    ["float32[2,3,4]", "float32[2,1,1]", "float32[2,1,1]"],
    { axis: int(1) },
  ),
  row("MeanVarianceNormalization", ["float32[2,3,4,5]"], "float32[2,3,4,5]"),
  row("Softmax", ["float32[2,3]"], "float32[2,3]", { axis: int(0) }),

  // ----- layout
  row("Concat", ["float32[2,3]", "float32[2,1]"], "float32[2,4]", { axis: int(1) }),
  row("Concat", ["float32[2,3]", "float32[5,3]", "float32[1,3]"], "float32[8,3]", { axis: int(-2) }),
  row("DepthToSpace", ["float32[1,8,2,3]"], "float32[1,2,4,6]", { blocksize: int(2) }),
  row("SpaceToDepth", ["float32[1,2,4,6]"], "float32[1,8,2,3]", { blocksize: int(2) }),
  row("Expand", ["float32[2,1]", vector(3, 1, 4)], "float32[3,2,4]"),
  row("Expand", ["float32[2,3]", vector(1)], "float32[2,3]"),
  row("Flatten", ["float32[2,3,4]"], "float32[2,12]"),
  row("Flatten", ["float32[2,3,4]"], "float32[1,24]", { axis: int(0) }),
  row("Flatten", ["float32[2,3,4]"], "float32[6,4]", { axis: int(-1) }),
  row("Flatten", ["float32[2,3]"], "float32[6,1]", { axis: int(2) }),
  row("Pad", ["float32[2,3]", vector(1, 0, 2, 4)], "float32[5,7]"),
  row("Pad", ["float32[2,3]", vector(1, 2), null, vector(-1)], "float32[2,6]"),
  row("Pad", ["float32[2,3]", vector(0, -1, 0, 0)], "float32[2,2]"),
  row("Reshape", ["float32[2,3,4]", vector(6, 4)], "float32[6,4]"),
  row("Reshape", ["float32[2,3,4]", vector(0, -1)], "float32[2,12]"),
  row("Reshape", ["float32[2,3]", vector(-1, 1, 2)], "float32[3,1,2]"),
  row("Reshape", ["float32[1]", vector()], "float32[]"),
  row("Slice", ["float32[5,4]", vector(1), vector(3)], "float32[2,4]"),
  row("Slice", ["float32[5,4]", vector(-3), vector(99), vector(1)], "float32[5,3]"),
  row("Slice", ["float32[5,4]", vector(0, 3), vector(5, -9), vector(0, 1), vector(2, -1)], "float32[3,4]"),
  row("Slice", ["float32[7]", vector(6), vector(0), vector(-1), vector(-4)], "float32[2]"),
  row("Split", ["float32[6,2]", vector(1, 5)], ["float32[1,2]", "float32[5,2]"]),
  row("Split", ["float32[2,7]"], ["float32[2,3]", "float32[2,3]", "float32[2,1]"], {
    axis: int(-1),
    num_outputs: int(3),
  }),
  row("Squeeze", ["float32[1,3,1]"], "float32[3]"),
  row("Squeeze", ["float32[1,3,1]", vector(-1)], "float32[1,3]"),
  row("Tile", ["float32[2,3]", vector(2, 1)], "float32[4,3]"),
  row("Transpose", ["float32[2,3,4]"], "float32[4,3,2]"),
  row("Transpose", ["float32[2,3,4]"], "float32[2,4,3]", { perm: ints(0, 2, 1) }),
  row("Unsqueeze", ["float32[3]", vector(0, 2)], "float32[1,3,1]"),
  row("Unsqueeze", ["float32[3,4]", vector(-1)], "float32[3,4,1]"),

  // ----- by index
  row("CumSum", ["float32[2,3]", vector(1)], "float32[2,3]"),
  row("Gather", ["float32[5,4]", "int64[2,3]"], "float32[2,3,4]"),
  row("Gather", ["float32[5,4]", "int64[]"], "float32[5]", { axis: int(1) }),
  row("GatherElements", ["float32[5,4]", "int64[2,4]"], "float32[2,4]"),
  row("GatherND", ["float32[5,4,3]", "int64[2,1]"], "float32[2,4,3]"),
  row("GatherND", ["float32[5,4,3]", "int64[5,1]"], "float32[5,3]", { batch_dims: int(1) }),
  row("OneHot", ["int64[2,3]", vector(4), "float32[2]"], "float32[2,3,4]"),
  row("OneHot", ["int64[2,3]", vector(4), "float32[2]"], "float32[4,2,3]", { axis: int(0) }),
  row("ScatterElements", ["float32[3,4]", "int64[2,4]", "float32[2,4]"], "float32[3,4]"),
  row("ScatterND", ["float32[3,4]", "int64[2,1]", "float32[2,4]"], "float32[3,4]"),
  row("TopK", ["float32[3,5]", vector(2)], ["float32[3,2]", "int64[3,2]"]),
  row("TopK", ["float32[3,5]", vector(2)], ["float32[2,5]", "int64[2,5]"], { axis: int(0) }),

  // ----- from shapes and constants
  row("ConstantOfShape", [vector(2, 3)], "float32[2,3]"),
  row("ConstantOfShape", [vector(2)], "int64[2]", { value: { type: "tensor", value: vector(7) } }),
  row("EyeLike", ["float32[2,3]"], "float32[2,3]"),
  row("EyeLike", ["float32[2,3]"], "float64[2,3]", { dtype: int(11) }),
  row("Range", [scalar("int64", 1), scalar("int64", 8), scalar("int64", 3)], "int64[3]"),
  row("Range", [scalar("float32", 2), scalar("float32", 0), scalar("float32", -0.5)], "float32[4]"),
  row("Shape", ["float32[2,3,4]"], "int64[3]"),
  row("Shape", ["float32[2,3,4]"], "int64[2]", { start: int(-2) }),
  row("Size", ["float32[2,3]"], "int64[]"),

  // ----- convolutions
  row("Conv", ["float32[2,3,8]", "float32[4,3,3]"], "float32[2,4,6]"),
  row("Conv", ["float32[2,4,9]", "float32[6,2,3]", "float32[6]"], "float32[2,6,5]", {
    group: int(2),
    strides: ints(2),
    pads: ints(2, 0),
  }),
  row("Conv", ["float32[1,3,8,8]", "float32[4,3,3,3]"], "float32[1,4,4,4]", { dilations: ints(2, 2) }),
  row("Conv", ["float32[1,3,7,8]", "float32[4,3,3,2]"], "float32[1,4,4,4]", {
    auto_pad: text("SAME_UPPER"),
    strides: ints(2, 2),
  }),
  row("ConvTranspose", ["float32[1,3,5]", "float32[3,4,3]"], "float32[1,4,11]", { strides: ints(2) }),
  row("ConvTranspose", ["float32[1,3,5]", "float32[3,4,3]"], "float32[1,4,10]", {
    strides: ints(2),
    pads: ints(1, 1),
    output_padding: ints(1),
  }),
  ...(["AveragePool", "MaxPool"] as const).flatMap((op) => [
    row(op, ["float32[1,2,8,7]"], "float32[1,2,4,3]", { kernel_shape: ints(2, 2), strides: ints(2, 2) }),
    row(op, ["float32[1,2,8,7]"], "float32[1,2,4,4]", {
      kernel_shape: ints(2, 2),
      strides: ints(2, 2),
      ceil_mode: int(1),
    }),
    row(op, ["float32[1,2,5]"], "float32[1,2,5]", { kernel_shape: ints(3), pads: ints(1, 1) }),
    // a last window that would begin in the padding is left out
    row(op, ["float32[1,2,5]"], "float32[1,2,3]", {
      kernel_shape: ints(2),
      strides: ints(2),
      pads: ints(1, 1),
      ceil_mode: int(1),
    }),
  ]),
  row("MaxPool", ["float32[1,2,6]"], ["float32[1,2,3]", "int64[1,2,3]"], {
    kernel_shape: ints(2),
    strides: ints(2),
  }),
  row("GlobalAveragePool", ["float32[2,3,4,5]"], "float32[2,3,1,1]"),
  row("GlobalMaxPool", ["float32[2,3,4]"], "float32[2,3,1]"),

  // ----- recurrent: x [time, batch, in], w [directions, gates·hidden, in], r [directions, gates·hidden, hidden]
  row("RNN", ["float32[5,2,3]", "float32[1,4,3]", "float32[1,4,4]"], ["float32[5,1,2,4]", "float32[1,2,4]"], {
    hidden_size: int(4),
  }),
  row(
    "GRU",
    ["float32[5,2,3]", "float32[1,12,3]", "float32[1,12,4]"],
    ["float32[5,1,2,4]", "float32[1,2,4]"],
    {
      hidden_size: int(4),
    },
  ),
  row(
    "LSTM",
    ["float32[5,2,3]", "float32[2,16,3]", "float32[2,16,4]"],
    ["float32[5,2,2,4]", "float32[2,2,4]", "float32[2,2,4]"],
    { hidden_size: int(4), direction: text("bidirectional") },
  ),
];
