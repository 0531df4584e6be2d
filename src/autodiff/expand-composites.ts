import {
  describeNode,
  floatAttribute,
  type Graph,
  GraphBuilder,
  intAttribute,
  intsAttribute,
  type Node,
} from "../onnx/index.ts";
import { AutodiffError } from "./errors.ts";
import { expandRecurrent } from "./expansions/recurrent.ts";

/** Adds nodes that compute what a composite op computes; returns the names of its outputs in order. */
export type Expansion = (b: GraphBuilder, node: Node) => readonly string[];

/** A per-channel vector against [N, C, …]. */
function channelwise(b: GraphBuilder, vector: string, rank: number): string {
  return b.reshape(
    vector,
    Array.from({ length: rank }, (_, axis) => (axis === 1 ? (b.shape(vector)[0] as number) : 1)),
  );
}

/** Evaluation mode: an affine map, y = (x − mean)·γ/√(var + ε) + β. The momentum is of training mode. */
const batchNormalization: Expansion = (b, node) => {
  if (intAttribute(node, "training_mode", 0) !== 0) {
    const types = node.inputs.map((name) => b.type(name));
    throw new AutodiffError("AUTODIFF_UNSUPPORTED_FORM", "BatchNormalization in training mode has no rule", {
      where: describeNode(node.op, node.name, types),
      fix: "export the model in evaluation mode: model.eval() before torch.onnx.export",
    });
  }
  const [x, gamma, beta, mean, variance] = node.inputs as [string, string, string, string, string];
  const rank = b.shape(x).length;
  const deviation = b.op("Sqrt", [
    b.op("Add", [variance, b.scalarLike(variance, floatAttribute(node, "epsilon", 1e-5))]),
  ]);
  const scale = b.op("Div", [gamma, deviation]);
  const centred = b.op("Sub", [x, channelwise(b, mean, rank)]);
  return [b.op("Add", [b.op("Mul", [centred, channelwise(b, scale, rank)]), channelwise(b, beta, rank)])];
};

/** (x − mean)/√(var + ε) over the given axes. */
function standardised(b: GraphBuilder, x: string, axes: readonly number[], epsilon: number): string {
  const over = b.integers(axes);
  const centred = b.op("Sub", [x, b.op("ReduceMean", [x, over], { keepdims: 1 })]);
  const variance = b.op("ReduceMean", [b.op("Mul", [centred, centred]), over], { keepdims: 1 });
  return b.op("Div", [centred, b.op("Sqrt", [b.op("Add", [variance, b.scalarLike(x, epsilon)])])]);
}

const instanceNormalization: Expansion = (b, node) => {
  const [x, gamma, beta] = node.inputs as [string, string, string];
  const rank = b.shape(x).length;
  const axes = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  const plain = standardised(b, x, axes, floatAttribute(node, "epsilon", 1e-5));
  return [b.op("Add", [b.op("Mul", [plain, channelwise(b, gamma, rank)]), channelwise(b, beta, rank)])];
};

const meanVarianceNormalization: Expansion = (b, node) => {
  return [standardised(b, node.inputs[0] as string, intsAttribute(node, "axes") ?? [0, 2, 3], 1e-9)];
};

/** x/‖x‖, and 0 where all of x is 0, as the runtime has it. */
const lpNormalization: Expansion = (b, node) => {
  const x = node.inputs[0] as string;
  const axes = b.integers([intAttribute(node, "axis", -1)]);
  const op = intAttribute(node, "p", 2) === 1 ? "ReduceL1" : "ReduceL2";
  const norm = b.op(op, [x, axes], { keepdims: 1 });
  const isZero = b.op("Equal", [norm, b.scalarLike(norm, 0)]);
  return [b.op("Div", [x, b.op("Where", [isZero, b.scalarLike(norm, 1), norm])])];
};

/** At 0 the slope is that of the negative side, as in torch. */
const prelu: Expansion = (b, node) => {
  const [x, slope] = node.inputs as [string, string];
  const isPositive = b.op("Greater", [x, b.scalarLike(x, 0)]);
  return [b.op("Where", [isPositive, x, b.op("Mul", [slope, x])])];
};

const mean: Expansion = (b, node) => {
  const [first] = node.inputs as [string];
  return [b.op("Mul", [b.op("Sum", node.inputs), b.scalarLike(first, 1 / node.inputs.length)])];
};

/** Reductions by others: the axes input and keepdims go along. */
function reduction(
  inner: (b: GraphBuilder, x: string) => string,
  op: "ReduceSum",
  outer: (b: GraphBuilder, y: string) => string,
): Expansion {
  return (b, node) => {
    const [x, axes] = node.inputs as [string, string | undefined];
    const attributes = {
      keepdims: intAttribute(node, "keepdims", 1),
      noop_with_empty_axes: intAttribute(node, "noop_with_empty_axes", 0),
    };
    return [outer(b, b.op(op, axes ? [inner(b, x), axes] : [inner(b, x)], attributes))];
  };
}

const same = (_: GraphBuilder, value: string) => value;

/** Blocks of channels spread over the plane. */
const depthToSpace: Expansion = (b, node) => {
  const x = node.inputs[0] as string;
  const [n = 0, c = 0, h = 0, w = 0] = b.shape(x);
  const size = intAttribute(node, "blocksize", 1);
  const depth = c / (size * size);
  const mode = node.attributes["mode"];
  const columnRow = mode?.type === "string" && mode.value === "CRD";
  const split = b.reshape(x, columnRow ? [n, depth, size, size, h, w] : [n, size, size, depth, h, w]);
  const moved = b.transpose(split, columnRow ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return [b.reshape(moved, [n, depth, h * size, w * size])];
};

const spaceToDepth: Expansion = (b, node) => {
  const x = node.inputs[0] as string;
  const [n = 0, c = 0, h = 0, w = 0] = b.shape(x);
  const size = intAttribute(node, "blocksize", 1);
  const split = b.reshape(x, [n, c, h / size, size, w / size, size]);
  return [b.reshape(b.transpose(split, [0, 3, 5, 1, 2, 4]), [n, c * size * size, h / size, w / size])];
};

/** Keeps one triangle of the last two axes. */
const trilu: Expansion = (b, node) => {
  const [x, offset] = node.inputs as [string, string | undefined];
  const [rows = 0, columns = 0] = b.shape(x).slice(-2);
  const k = offset ? Number(b.constantValue(offset)?.data[0] ?? 0) : 0;
  const upper = intAttribute(node, "upper", 1) === 1;
  const kept = Uint8Array.from({ length: rows * columns }, (_, index) => {
    const distance = (index % columns) - Math.floor(index / columns);
    return (upper ? distance >= k : distance <= k) ? 1 : 0;
  });
  return [
    b.op("Where", [b.constant({ dtype: "bool", shape: [rows, columns], data: kept }), x, b.scalarLike(x, 0)]),
  ];
};

/** Ops written in others, so that their gradient follows from those. */
export const expansions = {
  BatchNormalization: batchNormalization,
  CastLike: (b, node) => [b.cast(node.inputs[0] as string, b.type(node.inputs[1] as string).dtype)],
  DepthToSpace: depthToSpace,
  GRU: expandRecurrent,
  InstanceNormalization: instanceNormalization,
  LSTM: expandRecurrent,
  LpNormalization: lpNormalization,
  Mean: mean,
  MeanVarianceNormalization: meanVarianceNormalization,
  PRelu: prelu,
  RNN: expandRecurrent,
  ReduceL1: reduction((b, x) => b.op("Abs", [x]), "ReduceSum", same),
  ReduceLogSum: reduction(same, "ReduceSum", (b, y) => b.op("Log", [y])),
  SpaceToDepth: spaceToDepth,
  Trilu: trilu,
} satisfies Record<string, Expansion>;

/** Writes composite ops in primitive ones. Their outputs keep their names. */
export function expandComposites(graph: Graph): Graph {
  const table: Readonly<Record<string, Expansion>> = expansions;
  if (!graph.nodes.some((node) => Object.hasOwn(table, node.op))) return graph;
  const b = GraphBuilder.from(graph, { dropOutputs: true, dropNodes: true });
  for (const node of graph.nodes) {
    const expand = Object.hasOwn(table, node.op) ? table[node.op] : undefined;
    if (!expand) {
      b.addNode(node);
      continue;
    }
    const results = expand(b, node);
    node.outputs.forEach((name, index) => {
      if (name !== "") b.op("Identity", [results[index] as string], undefined, { name });
    });
  }
  for (const { name } of graph.outputs) b.output(name);
  // what an expansion is made of may be composite itself
  return expandComposites(b.build());
}
