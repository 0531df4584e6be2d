import { elementCount, intAttribute } from "../../onnx/index.ts";
import { type Rule, type RuleContext, refuse, when } from "../rule.ts";

/** Zeros of x's shape. */
export function zerosLike(c: RuleContext, index = 0): string {
  return c.b.op("Expand", [c.b.scalarLike(c.g, 0), c.b.integers(c.b.shape(c.x[index] as string))]);
}

/** Rows of a table, looked up: each cotangent row is added to the row it came from. */
const gather: Rule = (c) => {
  const { b } = c;
  if (!c.needs(0)) return [undefined, undefined];
  const shape = b.shape(c.x[0] as string);
  const axis = (intAttribute(c.node, "axis", 0) + shape.length) % shape.length;
  const indices = c.x[1] as string;
  if (axis === 0) {
    const rows = b.op("Unsqueeze", [indices, b.integers([-1])]);
    return [b.op("ScatterND", [zerosLike(c), rows, c.g], { reduction: "add" }), undefined];
  }
  const count = elementCount(b.shape(indices));
  const flat = shape.with(axis, count);
  const aligned = b.reshape(
    indices,
    flat.map((_, i) => (i === axis ? count : 1)),
  );
  const spread = b.op("Expand", [aligned, b.integers(flat)]);
  return [
    b.op("ScatterElements", [zerosLike(c), spread, b.reshape(c.g, flat)], { axis, reduction: "add" }),
    undefined,
  ];
};

const gatherElements: Rule = (c) => [
  when(c, 0, () =>
    c.b.op("ScatterElements", [zerosLike(c), c.x[1] as string, c.g], {
      axis: intAttribute(c.node, "axis", 0),
      reduction: "add",
    }),
  ),
  undefined,
];

const gatherND: Rule = (c) => {
  if (intAttribute(c.node, "batch_dims", 0) !== 0)
    return refuse(c, "GatherND with batch axes has no rule", "use GatherElements");
  return [
    when(c, 0, () => c.b.op("ScatterND", [zerosLike(c), c.x[1] as string, c.g], { reduction: "add" })),
    undefined,
  ];
};

/** The sum from the other end: y₃ = x₁ + x₂ + x₃, so x₁ takes g₁ + g₂ + g₃. */
const cumSum: Rule = (c) => {
  const exclusive = intAttribute(c.node, "exclusive", 0);
  const reverse = 1 - intAttribute(c.node, "reverse", 0);
  return [c.b.op("CumSum", [c.g, c.x[1] as string], { exclusive, reverse })];
};

function reductionOf(c: RuleContext): string {
  const attribute = c.node.attributes["reduction"];
  return attribute?.type === "string" ? attribute.value : "none";
}

/** Where a value was written the target's own element does not count, unless it was added to. */
const scatterND: Rule = (c) => {
  const { b, g } = c;
  const reduction = reductionOf(c);
  if (reduction !== "none" && reduction !== "add")
    return refuse(c, `ScatterND with ${reduction} has no rule`, "write it with Where");
  const indices = c.x[1] as string;
  const zeros = b.op("Expand", [b.scalarLike(g, 0), b.integers(b.shape(c.x[2] as string))]);
  return [
    when(c, 0, () => (reduction === "add" ? g : b.op("ScatterND", [g, indices, zeros]))),
    undefined,
    when(c, 2, () => b.op("GatherND", [g, indices])),
  ];
};

const scatterElements: Rule = (c) => {
  const { b, g } = c;
  const reduction = reductionOf(c);
  if (reduction !== "none" && reduction !== "add")
    return refuse(c, `ScatterElements with ${reduction} has no rule`, "write it with Where");
  const axis = intAttribute(c.node, "axis", 0);
  const indices = c.x[1] as string;
  const zeros = b.op("Expand", [b.scalarLike(g, 0), b.integers(b.shape(c.x[2] as string))]);
  return [
    when(c, 0, () => (reduction === "add" ? g : b.op("ScatterElements", [g, indices, zeros], { axis }))),
    undefined,
    when(c, 2, () => b.op("GatherElements", [g, indices], { axis })),
  ];
};

/** The chosen elements take their cotangents back; the places are the node's own second output. */
const topK: Rule = (c) => {
  const places = c.node.outputs[1];
  if (!places)
    return refuse(c, "its indices are not an output", "differentiate through grad(), which adds them");
  const axis = intAttribute(c.node, "axis", -1);
  return [c.b.op("ScatterElements", [zerosLike(c), places, c.g], { axis, reduction: "add" })];
};

export const indexingRules = {
  CumSum: cumSum,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  TopK: topK,
} satisfies Record<string, Rule>;
