import { addGradients } from "../../src/autodiff/index.ts";
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

const float32 = (b: GraphBuilder, shape: readonly number[], values: readonly number[]) =>
  b.constant({ dtype: "float32", shape, data: Float32Array.from(values) });

const int64Scalar = (value: number) => ({
  dtype: "int64" as const,
  shape: [],
  data: BigInt64Array.of(BigInt(value)),
});

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

  // ----- activations
  ...(
    [
      "Atan",
      "Asinh",
      "Cosh",
      "Sinh",
      "Tan",
      "Elu",
      "Celu",
      "Selu",
      "LeakyRelu",
      "HardSigmoid",
      "Mish",
      "Softsign",
    ] as const
  ).map((op) => simple(op, [[7]], { single: true })),
  ...(["Asin", "Acos", "Atanh"] as const).map((op) =>
    simple(op, [[6]], { single: true, range: [-0.8, 0.8] }),
  ),
  simple("Acosh", [[5]], { single: true, range: [1.5, 3] }),
  simple("Elu", [[7]], {
    id: "Elu alpha 0.4",
    single: true,
    build: (b, x) => b.op("Elu", x, { alpha: 0.4 }),
  }),
  simple("Celu", [[7]], { id: "Celu alpha 2", single: true, build: (b, x) => b.op("Celu", x, { alpha: 2 }) }),
  simple("HardSwish", [[5]], { id: "HardSwish inside", single: true, range: [-2.5, 2.5] }),
  simple("HardSwish", [[5]], { id: "HardSwish above", single: true, range: [3.5, 5] }),
  simple("Shrink", [[5]], {
    single: true,
    range: [0.8, 2],
    build: (b, x) => b.op("Shrink", x, { lambd: 0.5, bias: 0.1 }),
  }),
  simple("ThresholdedRelu", [[5]], { single: true, range: [1.2, 3] }),
  simple("Pow", [[2, 3], [3]], { id: "Pow of two tensors", ...positive }),

  // ----- more reductions
  ...(["ReduceL2", "ReduceLogSumExp", "ReduceProd"] as const).flatMap((op) => [
    simple(op, [[3, 4]], {
      id: `${op} all`,
      single: true,
      ...positive,
      build: (b, x) => b.op(op, x, { keepdims: 0 }),
    }),
    simple(op, [[3, 4, 2]], {
      id: `${op} axis 1`,
      single: true,
      ...positive,
      build: (b, [x]) => b.op(op, [x as string, b.integers([1])], { keepdims: 1 }),
    }),
  ]),

  // ----- indices
  simple("CumSum", [[3, 4]], {
    build: (b, [x]) => b.op("CumSum", [x as string, b.constant(int64Scalar(1))]),
  }),
  simple("CumSum", [[3, 4]], {
    id: "CumSum exclusive, reversed",
    build: (b, [x]) =>
      b.op("CumSum", [x as string, b.constant(int64Scalar(0))], { exclusive: 1, reverse: 1 }),
  }),
  simple("GatherElements", [[3, 4]], {
    build: (b, [x]) =>
      b.op("GatherElements", [x as string, b.reshape(b.integers([0, 2, 2, 3, 1, 0]), [3, 2])], { axis: 1 }),
  }),
  simple("GatherND", [[3, 4]], {
    build: (b, [x]) => b.op("GatherND", [x as string, b.reshape(b.integers([0, 1, 2, 3, 0, 1]), [3, 2])]),
  }),
  ...(["none", "add"] as const).flatMap((reduction) => [
    simple("ScatterND", [[5], [2]], {
      id: `ScatterND ${reduction}`,
      build: (b, [x, y]) =>
        b.op("ScatterND", [x as string, b.reshape(b.integers([3, 1]), [2, 1]), y as string], { reduction }),
    }),
    simple(
      "ScatterElements",
      [
        [3, 4],
        [3, 2],
      ],
      {
        id: `ScatterElements ${reduction}`,
        build: (b, [x, y]) => {
          const places = b.reshape(b.integers([0, 2, 1, 3, 2, 0]), [3, 2]);
          return b.op("ScatterElements", [x as string, places, y as string], { axis: 1, reduction });
        },
      },
    ),
  ]),
  simple("TopK", [[3, 5]], {
    build: (b, [x]) =>
      b.ops("TopK", [x as string, b.integers([2])], { axis: 1 }, { outputs: 2 })[0] as string,
  }),
  simple("Slice", [[7, 4]], {
    id: "Slice with steps 2 and -1",
    build: (b, [x]) =>
      b.op("Slice", [
        x as string,
        b.integers([1, 3]),
        b.integers([7, -100]),
        b.integers([0, 1]),
        b.integers([2, -1]),
      ]),
  }),
  ...[
    {
      equation: "ij,jk->ik",
      shapes: [
        [3, 4],
        [4, 2],
      ],
    },
    {
      equation: "bij,bkj->bik",
      shapes: [
        [2, 3, 4],
        [2, 5, 4],
      ],
    },
    { equation: "ij->j", shapes: [[3, 4]] },
    { equation: "ij,k->j", shapes: [[3, 4], [2]] },
    { equation: "ij,j", shapes: [[3, 4], [4]] },
  ].map(({ equation, shapes }) =>
    simple("Einsum", shapes, { id: `Einsum ${equation}`, build: (b, x) => b.op("Einsum", x, { equation }) }),
  ),

  // ----- convolutions and pooling
  ...[
    { id: "1-D", x: [2, 3, 9], w: [4, 3, 3], bias: [4], attributes: {} },
    {
      id: "1-D strided, padded unevenly",
      x: [2, 3, 10],
      w: [4, 3, 3],
      bias: [4],
      attributes: { strides: [2], pads: [1, 0] },
    },
    {
      id: "1-D dilated, causal",
      x: [1, 2, 11],
      w: [2, 2, 3],
      bias: [2],
      attributes: { dilations: [2], pads: [4, 0] },
    },
    {
      id: "2-D grouped",
      x: [2, 4, 6, 5],
      w: [6, 2, 3, 2],
      bias: [6],
      attributes: { group: 2, strides: [2, 1], pads: [1, 0, 1, 1] },
    },
    {
      id: "2-D depthwise",
      x: [1, 3, 5, 5],
      w: [3, 1, 3, 3],
      bias: [3],
      attributes: { group: 3, auto_pad: "SAME_UPPER" },
    },
  ].map(({ id, x, w, bias, attributes }) =>
    simple("Conv", [x, w, bias], {
      id: `Conv ${id}`,
      single: true,
      build: (b, values) => b.op("Conv", values, attributes),
    }),
  ),
  ...[
    {
      id: "1-D strided",
      x: [2, 3, 5],
      w: [3, 2, 4],
      attributes: { strides: [2], pads: [1, 1], output_padding: [1] },
    },
    {
      id: "2-D grouped",
      x: [2, 4, 3, 3],
      w: [4, 2, 3, 3],
      attributes: { group: 2, strides: [2, 1], dilations: [1, 2] },
    },
  ].map(({ id, x, w, attributes }) =>
    simple("ConvTranspose", [x, w], {
      id: `ConvTranspose ${id}`,
      single: true,
      build: (b, values) => b.op("ConvTranspose", values, attributes),
    }),
  ),
  simple("MaxPool", [[2, 3, 8]], {
    single: true,
    build: (b, x) => b.op("MaxPool", x, { kernel_shape: [3], strides: [2], pads: [1, 0] }),
  }),
  ...[0, 1].map((count) =>
    simple("AveragePool", [[2, 3, 7, 6]], {
      id: `AveragePool count_include_pad=${count}`,
      single: true,
      build: (b, x) =>
        b.op("AveragePool", x, {
          kernel_shape: [3, 2],
          strides: [2, 2],
          pads: [1, 0, 1, 0],
          count_include_pad: count,
        }),
    }),
  ),
  simple("GlobalAveragePool", [[2, 3, 4, 2]], { single: true }),
  simple("GlobalMaxPool", [[2, 3, 4]], { single: true }),
];

/** Composite ops: their gradient is that of what they are expanded to. */
export const compositeCases: readonly GradientCase[] = [
  simple("BatchNormalization", [[3, 2, 4], [2], [2]], {
    single: true,
    build: (b, x) =>
      b.op("BatchNormalization", [...x, float32(b, [2], [0.1, -0.2]), float32(b, [2], [0.5, 1.5])]),
  }),
  simple("InstanceNormalization", [[2, 3, 5], [3], [3]], { single: true }),
  simple("MeanVarianceNormalization", [[2, 3, 2, 2]], { single: true }),
  ...[1, 2].map((p) =>
    simple("LpNormalization", [[3, 4]], {
      id: `LpNormalization p=${p}`,
      single: true,
      ...positive,
      build: (b, x) => b.op("LpNormalization", x, { p }),
    }),
  ),
  simple("PRelu", [[3, 4], [4]], { single: true, ...positive }),
  simple("Mean", [[2, 3], [3], [2, 1]], { single: true }),
  simple("ReduceL1", [[3, 4]], {
    single: true,
    ...positive,
    build: (b, [x]) => b.op("ReduceL1", [x as string, b.integers([1])]),
  }),
  simple("ReduceLogSum", [[3, 4]], {
    single: true,
    ...positive,
    build: (b, [x]) => b.op("ReduceLogSum", [x as string, b.integers([0])]),
  }),
  simple("Trilu", [[4, 5]], {
    single: true,
    build: (b, [x]) => b.op("Trilu", [x as string, b.constant(int64Scalar(1))], { upper: 0 }),
  }),
  simple("CastLike", [[3]], {
    single: true,
    build: (b, [x]) => b.op("CastLike", [x as string, b.scalar(0)]),
  }),
  ...["DCR", "CRD"].map((mode) =>
    simple("DepthToSpace", [[1, 8, 2, 3]], {
      id: `DepthToSpace ${mode}`,
      single: true,
      build: (b, x) => b.op("DepthToSpace", x, { blocksize: 2, mode }),
    }),
  ),
  simple("SpaceToDepth", [[1, 2, 4, 6]], {
    single: true,
    build: (b, x) => b.op("SpaceToDepth", x, { blocksize: 2 }),
  }),
  ...(["forward", "reverse", "bidirectional"] as const).flatMap((direction) => {
    const d = direction === "bidirectional" ? 2 : 1;
    const shapes = (gates: number) => [
      [4, 2, 3],
      [d, gates * 2, 3],
      [d, gates * 2, 2],
      [d, gates * 4],
    ];
    return [
      simple("RNN", shapes(1), {
        id: `RNN ${direction}`,
        single: true,
        build: (b, x) => b.op("RNN", x, { hidden_size: 2, direction }),
      }),
      simple("LSTM", shapes(4), {
        id: `LSTM ${direction}`,
        single: true,
        build: (b, x) => b.op("LSTM", x, { hidden_size: 2, direction }),
      }),
      ...[0, 1].map((before) =>
        simple("GRU", shapes(3), {
          id: `GRU ${direction} linear_before_reset=${before}`,
          single: true,
          build: (b, x) => b.op("GRU", x, { hidden_size: 2, direction, linear_before_reset: before }),
        }),
      ),
    ];
  }),
];

/** Gradients at ties, zeros, kinks and bounds, where differences across the point say nothing. */
export interface PointCase {
  readonly id: string;
  /** Values and shape of each differentiated input. */
  readonly inputs: readonly { readonly shape: readonly number[]; readonly values: readonly number[] }[];
  readonly single?: boolean;
  readonly build: (b: GraphBuilder, x: readonly string[]) => string;
  /** Of Σ k·yₖ, k counted from 1, as torch computes it. */
  readonly gradients: readonly (readonly number[])[];
}

const vector = (...values: readonly number[]) => ({ shape: [values.length], values });
const scalar = (value: number) => ({ shape: [], values: [value] });
const matrix = (...rows: readonly (readonly number[])[]) => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  values: rows.flat(),
});

const at = (
  op: OpType,
  inputs: PointCase["inputs"],
  gradients: PointCase["gradients"],
  more: Partial<PointCase> = {},
): PointCase => ({
  id: `${op} at ${inputs.map(({ values }) => `[${values}]`).join(" ")}`,
  inputs,
  gradients,
  build: (b, x) => b.op(op, x),
  ...more,
});

const spread = vector(0.4, 1.7, -2.3);
const around = vector(0, -1, 1);

/** Expected values from torch 2: torch.autograd in float64. */
export const pointCases: readonly PointCase[] = [
  at("Cast", [vector(1, 2, 3)], [[2, 4, 6]], {
    id: "Cast to an integer and back beside a smooth path",
    build: (b, [x]) => {
      const back = b.cast(b.cast(x as string, "int64"), "float64");
      const scaled = b.op("Mul", [back, floats(b, [3], [2.7, 3.9, 5.2])]);
      return b.op("Sum", [scaled, x as string, x as string]);
    },
  }),
  at("Clip", [spread, scalar(1)], [[0, 2, 0], [4]]),
  at("Clip", [spread, scalar(1)], [[1, 0, 3], [2]], {
    id: "Clip with an upper bound alone",
    build: (b, [x, high]) => b.op("Clip", [x as string, "", high as string]),
  }),
  at("Clip", [spread, scalar(-1), scalar(1)], [[1, 0, 0], [3], [2]]),
  at("Clip", [vector(1, -1, 0), scalar(-1), scalar(1)], [[1, 2, 3], [0], [0]]),
  at("Clip", [spread, scalar(1), scalar(-1)], [[0, 0, 0], [0], [6]]),
  at("Clip", [spread, scalar(1)], [[0, 2, 0], [10]], {
    id: "Clip with another path to its bound",
    build: (b, [x, low]) => b.op("Add", [b.op("Clip", [x as string, low as string]), low as string]),
  }),
  ...[
    { p: 0, slopes: [0, 0, 0] },
    { p: 1, slopes: [1, 2, 3] },
    { p: 2, slopes: [0, 8, -6] },
  ].map(({ p, slopes }) =>
    at("Pow", [vector(0, 2, -1)], [slopes], {
      id: `Pow ${p} at zero and below`,
      build: (b, [x]) => b.op("Pow", [x as string, floats(b, [], [p])]),
    }),
  ),
  at(
    "Pow",
    [vector(0, 0, 2, 2, 1), vector(0, 2, 0, 3, -1)],
    [
      [0, 0, 0, 48, -5],
      [0, 0, 3 * Math.log(2), 32 * Math.log(2), 0],
    ],
  ),
  at("Pow", [vector(1, 2, -1)], [[3, 24, 9]], {
    id: "Pow with an exponent of more axes",
    build: (b, [x]) => b.op("Pow", [x as string, floats(b, [1, 1], [3])]),
  }),
  at("Pow", [vector(0, 2, -1)], [[0, 2, 9]], {
    id: "Pow with integer exponents",
    build: (b, [x]) => b.op("Pow", [x as string, b.integers([0, 1, 3])]),
  }),
  at("ReduceProd", [vector(0, 3, 2)], [[6, 0, 0]]),
  at("ReduceProd", [vector(0, 0, 2)], [[0, 0, 0]]),
  at("ReduceProd", [vector(1, 3, 2)], [[6, 2, 3]]),
  at("ReduceProd", [vector(2, 0, 0, 5, 1.5)], [[0, 0, 0, 0, 0]]),
  at("ReduceProd", [vector(4)], [[1]]),
  ...[
    { axis: 1, slopes: [6, 0, 0, 12, 6, 4] },
    { axis: 0, slopes: [1, 4, 9, 0, 6, 6] },
  ].map(({ axis, slopes }) =>
    at("ReduceProd", [matrix([0, 3, 2], [1, 2, 3])], [slopes], {
      id: `ReduceProd over axis ${axis} with a zero`,
      build: (b, [x]) => b.op("ReduceProd", [x as string, b.integers([axis])], { keepdims: 0 }),
    }),
  ),
  at("ReduceProd", [vector(0, 3, 2)], [[13, 2, 3]], {
    id: "ReduceProd differentiated twice at a zero",
    build: (b, [x]) => {
      const y = b.op("ReduceProd", [x as string], { keepdims: 0 });
      return addGradients(b, { of: y, wrt: [x as string] })[0] as string;
    },
  }),
  at("PRelu", [vector(0, -2, 3), vector(0.25)], [[0.25, 0.5, 3], [-4]]),
  at(
    "Max",
    [vector(1, 2, 3), vector(1, 3, 2)],
    [
      [0.5, 0, 3],
      [0.5, 2, 0],
    ],
  ),
  at("Max", [vector(1, 2, 3), vector(2)], [[0, 1, 3], [2]]),
  at(
    "Min",
    [vector(1, 2, 3), vector(1, 3, 2)],
    [
      [0.5, 2, 0],
      [0.5, 0, 3],
    ],
  ),
  ...[
    { op: "ReduceMax" as const, slopes: [0.5, 0.5, 0, 0, 1, 1] },
    { op: "ReduceMin" as const, slopes: [0, 0, 1, 2, 0, 0] },
  ].map(({ op, slopes }) =>
    at(op, [matrix([1, 1, 0], [2, 3, 3])], [slopes], {
      build: (b, [x]) => b.op(op, [x as string, b.integers([1])], { keepdims: 0 }),
    }),
  ),
  at("ReduceL2", [matrix([0, 0], [3, 4])], [[0, 0, 1.2, 1.6]], {
    build: (b, [x]) => b.op("ReduceL2", [x as string, b.integers([1])], { keepdims: 0 }),
  }),
  at("ReduceL1", [matrix([0, 0], [3, -4])], [[0, 0, 2, -2]], {
    build: (b, [x]) => b.op("ReduceL1", [x as string, b.integers([1])], { keepdims: 0 }),
  }),
  at("Abs", [around], [[0, -2, 3]]),
  at("Relu", [around], [[0, 0, 3]]),
  at("Softsign", [around], [[1, 0.5, 0.75]], { single: true }),
  at("LeakyRelu", [around], [[0.1, 0.2, 3]], {
    single: true,
    build: (b, x) => b.op("LeakyRelu", x, { alpha: 0.1 }),
  }),
  at("Elu", [around], [[0.7, 0.7 * 2 * Math.exp(-1), 3]], {
    single: true,
    build: (b, x) => b.op("Elu", x, { alpha: 0.7 }),
  }),
  at("Selu", [vector(0, 1)], [[1.7580993408473766, 2.101401974710961]], { single: true }),
  at("Celu", [vector(0, 1)], [[1, 2]], { single: true, build: (b, x) => b.op("Celu", x, { alpha: 0.7 }) }),
  at("HardSigmoid", [vector(-3, 0, 3)], [[0, 1 / 3, 0]], {
    single: true,
    build: (b, x) => b.op("HardSigmoid", x, { alpha: 1 / 6, beta: 0.5 }),
  }),
  at("HardSwish", [vector(-3, 0, 3)], [[0, 1, 3]], { single: true }),
  at("Shrink", [vector(-0.5, 0, 0.5)], [[0, 0, 0]], { single: true }),
  at("ThresholdedRelu", [vector(1, 0, 2)], [[0, 0, 3]], { single: true }),
];
