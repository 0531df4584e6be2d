import { elementCount } from "../../onnx/index.ts";
import type { Rule, RuleContext } from "../rule.ts";

/** The output's shape with every reduced axis kept as 1, so that it broadcasts against the input. */
function keptShape(c: RuleContext): readonly number[] {
  const shape = c.b.shape(c.x[0] as string);
  const axes = c.x[1] ? c.b.constantValue(c.x[1]) : undefined;
  if (!axes || axes.data.length === 0) {
    const noop = c.node.attributes["noop_with_empty_axes"];
    return noop?.type === "int" && noop.value === 1 ? shape : shape.map(() => 1);
  }
  const reduced = new Set(
    Array.from<number | bigint, number>(axes.data, (axis) => (Number(axis) + shape.length) % shape.length),
  );
  return shape.map((size, axis) => (reduced.has(axis) ? 1 : size));
}

const kept = (c: RuleContext, value: string) => c.b.reshape(value, keptShape(c));

const spread = (c: RuleContext, value: string) =>
  c.b.op("Expand", [kept(c, value), c.b.integers(c.b.shape(c.x[0] as string))]);

/** Number of elements that went into each output. */
const groupSize = (c: RuleContext) =>
  elementCount(c.b.shape(c.x[0] as string)) / elementCount(c.b.shape(c.y));

/** Every element that attains the extremum takes an equal share, as torch's amax and amin do. */
const extremum: Rule = (c) => {
  const { b } = c;
  const x = c.x[0] as string;
  const attains = b.cast(b.op("Equal", [x, kept(c, c.y)]), b.type(c.g).dtype);
  const axes = b.shape(x).flatMap((size, axis) => (keptShape(c)[axis] === 1 && size !== 1 ? [axis] : []));
  const count = axes.length === 0 ? attains : b.op("ReduceSum", [attains, b.integers(axes)], { keepdims: 1 });
  return [b.op("Mul", [attains, b.op("Div", [kept(c, c.g), count])])];
};

/** g·x/‖x‖, and 0 where the norm is 0. */
const norm: Rule = (c) => {
  const { b } = c;
  const y = kept(c, c.y);
  const isZero = b.op("Equal", [y, b.scalarLike(y, 0)]);
  const safe = b.op("Where", [isZero, b.scalarLike(y, 1), y]);
  return [b.op("Mul", [c.x[0] as string, b.op("Div", [kept(c, c.g), safe])])];
};

export const reduceRules = {
  ReduceL2: norm,
  // g·exp(x − y): the softmax over the reduced axes
  ReduceLogSumExp: (c) => [
    c.b.op("Mul", [kept(c, c.g), c.b.op("Exp", [c.b.op("Sub", [c.x[0] as string, kept(c, c.y)])])]),
  ],
  // g·y/x; like the quotient, it is not defined where an element is 0
  ReduceProd: (c) => [c.b.op("Div", [c.b.op("Mul", [kept(c, c.g), kept(c, c.y)]), c.x[0] as string])],
  ReduceSum: (c) => [spread(c, c.g)],
  ReduceMean: (c) => [spread(c, c.b.op("Mul", [c.g, c.b.scalarLike(c.g, 1 / groupSize(c))]))],
  ReduceSumSquare: (c) => [
    c.b.op("Mul", [c.x[0] as string, kept(c, c.b.op("Mul", [c.g, c.b.scalarLike(c.g, 2)]))]),
  ],
  ReduceMax: extremum,
  ReduceMin: extremum,
} satisfies Record<string, Rule>;
