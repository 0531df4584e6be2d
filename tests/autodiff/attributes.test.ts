import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  type Expansion,
  expansions,
  grad,
  noGradient,
  notDifferentiable,
  type Rule,
  rules,
} from "../../src/autodiff/index.ts";
import { GraphBuilder, type Node, type OpType, ops } from "../../src/onnx/index.ts";
import { cases, compositeCases, type GradientCase } from "./cases.ts";

/** Attributes that neither rule nor expansion reads, and why the gradient is right all the same. */
const shapes = "follows from the shapes of the input and the output";
const places = "the node's own indices say which elements were taken";
const checked = "another value than the default, or than the shapes say, is refused where types are inferred";
const reduction = { keepdims: shapes };
const cell = { hidden_size: checked, layout: checked };
const elsewhere: Readonly<Partial<Record<OpType, Readonly<Record<string, string>>>>> = {
  AveragePool: { ceil_mode: shapes },
  BatchNormalization: { momentum: "is of training mode, which is refused" },
  Cast: { to: "the cotangent is cast back to the input's type" },
  Conv: { kernel_shape: shapes },
  ConvTranspose: { kernel_shape: shapes, output_padding: shapes, output_shape: checked },
  Flatten: { axis: shapes },
  GRU: cell,
  HardSigmoid: { beta: "where the output is flat, it is 0 or 1" },
  LSTM: cell,
  LayerNormalization: {
    epsilon: "is in the node's own inverse deviation",
    stash_type: "is the type of the node's own statistics",
  },
  MaxPool: {
    auto_pad: places,
    ceil_mode: places,
    dilations: places,
    kernel_shape: places,
    pads: places,
    strides: places,
  },
  RNN: cell,
  ReduceL2: reduction,
  ReduceLogSumExp: reduction,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceSum: reduction,
  ReduceSumSquare: reduction,
  Reshape: { allowzero: shapes },
  Shrink: { bias: "moves the output, not its slope" },
  Split: { num_outputs: shapes },
  TopK: { largest: places, sorted: places },
};

const read = new Map<string, Set<string>>();

/** The node, noting which of its attributes are looked at. */
function watched(node: Node): Node {
  const names = read.get(node.op) ?? new Set();
  read.set(node.op, names);
  const attributes = new Proxy(node.attributes, {
    get: (target, name) => {
      names.add(String(name));
      return Reflect.get(target, name);
    },
  });
  return { ...node, attributes };
}

function differentiate(one: GradientCase): void {
  const b = new GraphBuilder(one.id);
  const x = one.shapes.map((shape, index) => b.input(`x${index}`, one.single ? "float32" : "float64", shape));
  b.output(b.op("ReduceSum", [one.build(b, x)], { keepdims: 0 }), "loss");
  grad(b.build(), { of: "loss", wrt: x });
}

beforeAll(() => {
  const ruleTable: Record<string, Rule> = rules;
  const expansionTable: Record<string, Expansion> = expansions;
  for (const [op, rule] of Object.entries(ruleTable))
    vi.spyOn(ruleTable, op).mockImplementation((c) => rule({ ...c, node: watched(c.node) }));
  for (const [op, expand] of Object.entries(expansionTable))
    vi.spyOn(expansionTable, op).mockImplementation((b, node) => expand(b, watched(node)));
  for (const one of [...cases, ...compositeCases]) differentiate(one);
  vi.restoreAllMocks();
});

describe("every attribute that an op may have", () => {
  const skipped = new Set<string>([...noGradient, ...Object.keys(notDifferentiable)]);
  const declared = Object.entries(ops).filter(([op]) => !skipped.has(op));
  it.each(declared)("of %s is read by its rule or expansion, or said to be known otherwise", (op, info) => {
    const attributes = "attributes" in info ? Object.keys(info.attributes ?? {}) : [];
    const known = Object.keys(elsewhere[op as OpType] ?? {});
    const unread = attributes.filter((name) => !read.get(op)?.has(name));
    expect(unread.toSorted()).toEqual(known.toSorted());
  });
});

describe("a form that an expansion cannot keep", () => {
  const recurrent = (attributes: object) => (b: GraphBuilder, x: readonly string[]) =>
    b.op("LSTM", x, { hidden_size: 2, ...attributes });
  const shapesOf = {
    LSTM: [
      [4, 2, 3],
      [1, 8, 3],
      [1, 8, 2],
      [1, 16],
    ],
  };
  const channels = (b: GraphBuilder) =>
    b.constant({ dtype: "float32", shape: [2], data: Float32Array.of(0.5, 1.5) });

  it.each<[string, GradientCase["shapes"], GradientCase["build"]]>([
    ["clip", shapesOf.LSTM, recurrent({ clip: 3 })],
    ["input_forget", shapesOf.LSTM, recurrent({ input_forget: 1 })],
    ["activation_alpha", shapesOf.LSTM, recurrent({ activation_alpha: [0.1, 0.1, 0.1] })],
    ["activation_beta", shapesOf.LSTM, recurrent({ activation_beta: [0.1, 0.1, 0.1] })],
    [
      "training mode",
      [[3, 2, 4], [2], [2]],
      (b, x) => b.op("BatchNormalization", [...x, channels(b), channels(b)], { training_mode: 1 }),
    ],
  ])("is refused: %s", (id, inputs, build) => {
    const one: GradientCase = { id, op: "LSTM", shapes: inputs, single: true, build };
    expect(() => differentiate(one)).toThrow(
      expect.objectContaining({ code: "AUTODIFF_UNSUPPORTED_FORM", message: expect.stringContaining(id) }),
    );
  });

  it("may say that nothing is set", () => {
    const build = recurrent({ input_forget: 0, activation_alpha: [], activation_beta: [] });
    differentiate({ id: "defaults", op: "LSTM", shapes: shapesOf.LSTM, single: true, build });
  });
});
