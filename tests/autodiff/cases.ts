import type { GraphBuilder, OpType } from "../../src/onnx/index.ts";

/** One gradient check: inputs with their ranges, and the op applied to them. */
export interface GradientCase {
  readonly id: string;
  readonly op: OpType;
  /** Shapes of the differentiated inputs. */
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are drawn from here; away from kinks and poles. */
  readonly range?: readonly [number, number];
  /** Erf and the exact Gelu have no double precision kernel. */
  readonly single?: boolean;
  readonly build: (b: GraphBuilder, x: readonly string[]) => string;
}

const simple = (
  op: OpType,
  shapes: GradientCase["shapes"],
  more: Partial<GradientCase> = {},
): GradientCase => ({
  id: `${op} ${shapes.map((shape) => `[${shape.join(",")}]`).join(" ")}`,
  op,
  shapes,
  build: (b, x) => b.op(op, x),
  ...more,
});

const positive = { range: [0.3, 2] as const };

const floats = (b: GraphBuilder, shape: readonly number[], values: readonly number[]) =>
  b.constant({ dtype: "float64", shape, data: Float64Array.from(values) });

export const cases: readonly GradientCase[] = [
  // ----- one input
  simple("Abs", [[3, 4]], positive),
  simple("Cos", [[5]]),
  simple("Exp", [[2, 3]]),
  simple("Identity", [[3]]),
  simple("Log", [[4]], positive),
  simple("Neg", [[4]]),
  simple("Reciprocal", [[4]], positive),
  simple("Relu", [[6]], { range: [0.2, 1] }),
  simple("Sigmoid", [[2, 2]]),
  simple("Sin", [[5]]),
  simple("Softplus", [[5]], { single: true }),
  simple("Sqrt", [[3]], positive),
  simple("Tanh", [[3, 2]]),
  simple("Erf", [[7]], { single: true }),
  simple("Gelu", [[3, 5]], { single: true }),
  simple("Gelu", [[3, 5]], {
    id: "Gelu tanh",
    single: true,
    build: (b, x) => b.op("Gelu", x, { approximate: "tanh" }),
  }),
  simple("Cast", [[3]], {
    build: (b, [x]) => b.cast(b.cast(x as string, "float32"), b.type(x as string).dtype),
    single: true,
  }),
  simple("Clip", [[4]], {
    build: (b, [x]) => b.op("Clip", [x as string, floats(b, [], [-5]), floats(b, [], [5])]),
  }),
  simple("Clip", [[4]], {
    id: "Clip outside",
    range: [2, 3],
    build: (b, [x]) => {
      const clipped = b.op("Clip", [x as string, floats(b, [], [-1]), floats(b, [], [1])]);
      return b.op("Add", [clipped, b.op("Mul", [x as string, floats(b, [], [0.5])])]);
    },
  }),

  // ----- two or more, broadcast
  ...(["Add", "Sub", "Mul", "Div", "Max", "Min"] as const).flatMap((op) => [
    simple(
      op,
      [
        [2, 3],
        [2, 3],
      ],
      positive,
    ),
    simple(op, [[2, 3], [3]], positive),
    simple(
      op,
      [
        [2, 1, 3],
        [4, 1],
      ],
      positive,
    ),
    simple(op, [[], [2, 2]], positive),
  ]),
  simple("Sum", [[2, 3], [3], [2, 1]]),
  ...[2, 0.5, 3, -1.5].map((p) =>
    simple("Pow", [[4]], {
      id: `Pow ${p}`,
      ...positive,
      build: (b, [x]) => b.op("Pow", [x as string, floats(b, [], [p])]),
    }),
  ),
  simple("Where", [[2, 3], [3]], {
    build: (b, [x, y]) => {
      const mask = b.constant({ dtype: "bool", shape: [2, 1], data: Uint8Array.of(1, 0) });
      return b.op("Where", [mask, x as string, y as string]);
    },
  }),

  // ----- products
  simple("MatMul", [
    [3, 4],
    [4, 2],
  ]),
  simple("MatMul", [
    [5, 3, 4],
    [4, 2],
  ]),
  simple("MatMul", [
    [2, 1, 3, 4],
    [5, 4, 6],
  ]),
  simple("MatMul", [[4], [4, 2]]),
  simple("MatMul", [[3, 4], [4]]),
  simple("MatMul", [[4], [4]]),
  simple("MatMul", [[2, 3, 4], [4]]),
  simple("MatMul", [[4], [2, 4, 3]]),
  ...[0, 1].flatMap((transA) =>
    [0, 1].map((transB) =>
      simple("Gemm", [transA ? [4, 3] : [3, 4], transB ? [2, 4] : [4, 2], [2]], {
        id: `Gemm transA=${transA} transB=${transB}`,
        build: (b, x) => b.op("Gemm", x, { alpha: 0.5, beta: 2, transA, transB }),
      }),
    ),
  ),
  simple("Gemm", [
    [3, 4],
    [4, 2],
    [3, 1],
  ]),

  // ----- reductions
  ...(["ReduceSum", "ReduceMean", "ReduceSumSquare", "ReduceMax", "ReduceMin"] as const).flatMap((op) => [
    simple(op, [[3, 4]], { id: `${op} all`, build: (b, x) => b.op(op, x, { keepdims: 0 }) }),
    simple(op, [[3, 4, 2]], {
      id: `${op} axis 1`,
      build: (b, [x]) => b.op(op, [x as string, b.integers([1])], { keepdims: 0 }),
    }),
    simple(op, [[3, 4, 2]], {
      id: `${op} axes -1, 0 kept`,
      build: (b, [x]) => b.op(op, [x as string, b.integers([-1, 0])], { keepdims: 1 }),
    }),
  ]),

  // ----- normalisations
  simple("LayerNormalization", [[4, 6], [6], [6]], {
    single: true,
    build: (b, x) => b.op("LayerNormalization", x, { axis: -1, epsilon: 1e-5 }),
  }),
  simple(
    "LayerNormalization",
    [
      [2, 3, 4],
      [3, 4],
      [3, 4],
    ],
    {
      single: true,
      id: "LayerNormalization over two axes",
      build: (b, x) => b.op("LayerNormalization", x, { axis: 1, epsilon: 1e-5 }),
    },
  ),
  simple("Softmax", [[3, 4]], { build: (b, x) => b.op("Softmax", x, { axis: -1 }) }),
  simple("Softmax", [[3, 4]], { id: "Softmax axis 0", build: (b, x) => b.op("Softmax", x, { axis: 0 }) }),
  simple("LogSoftmax", [[3, 4]], { build: (b, x) => b.op("LogSoftmax", x, { axis: 1 }) }),

  // ----- layout
  simple(
    "Concat",
    [
      [2, 3],
      [2, 1],
    ],
    { build: (b, x) => b.op("Concat", x, { axis: -1 }) },
  ),
  simple("Expand", [[3, 1]], { build: (b, [x]) => b.op("Expand", [x as string, b.integers([2, 3, 4])]) }),
  simple("Flatten", [[2, 3, 4]], { build: (b, x) => b.op("Flatten", x, { axis: 2 }) }),
  ...[0, 1].map((axis) =>
    simple("Gather", [[4, 3]], {
      id: `Gather axis ${axis}, an index twice`,
      build: (b, [x]) => b.op("Gather", [x as string, b.integers([2, 0, 2])], { axis }),
    }),
  ),
  simple("Pad", [[2, 3]], { build: (b, [x]) => b.op("Pad", [x as string, b.integers([1, 0, 0, 2])]) }),
  simple("Reshape", [[2, 6]], { build: (b, [x]) => b.op("Reshape", [x as string, b.integers([0, -1, 2])]) }),
  simple("Slice", [[5, 4]], {
    build: (b, [x]) =>
      b.op("Slice", [x as string, b.integers([1, -3]), b.integers([4, 100]), b.integers([0, 1])]),
  }),
  simple("Split", [[2, 7]], {
    build: (b, [x]) => {
      const [left, , right] = b.ops(
        "Split",
        [x as string, b.integers([2, 2, 3])],
        { axis: 1 },
        { outputs: 3 },
      );
      return b.op("Concat", [right as string, left as string], { axis: 1 });
    },
  }),
  simple("Squeeze", [[2, 1, 3]], { build: (b, [x]) => b.op("Squeeze", [x as string, b.integers([1])]) }),
  simple("Tile", [[2, 3]], { build: (b, [x]) => b.op("Tile", [x as string, b.integers([2, 3])]) }),
  simple("Transpose", [[2, 3, 4]], { build: (b, x) => b.op("Transpose", x, { perm: [2, 0, 1] }) }),
  simple("Unsqueeze", [[2, 3]], { build: (b, [x]) => b.op("Unsqueeze", [x as string, b.integers([0, -1])]) }),
];
