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

/**
 * Every element's cotangent is g times the product of the others: of those before it and those after it, so that zeros
 * are divided by nowhere.
 */
const product: Rule = (c) => {
  const { b } = c;
  const x = c.x[0] as string;
  const shape = b.shape(x);
  const axes = [...shape.keys()];
  const isReduced = (axis: number) => keptShape(c)[axis] === 1 && shape[axis] !== 1;
  const order = [...axes.filter((axis) => !isReduced(axis)), ...axes.filter(isReduced)];
  const size = groupSize(c);
  if (size === 1) return [b.reshape(c.g, shape)];
  const rows = b.reshape(b.transpose(x, order), [elementCount(shape) / size, size]);
  const others = b.op("Mul", [productsBeside(c, rows, "before"), productsBeside(c, rows, "after")]);
  const moved = b.reshape(
    others,
    order.map((axis) => shape[axis] as number),
  );
  const back = b.transpose(
    moved,
    axes.map((axis) => order.indexOf(axis)),
  );
  return [b.op("Mul", [back, kept(c, c.g)])];
};

/** Along the rows of [m, n], the product of all elements before (after) each: ⌈log₂ n⌉ products of shifted rows. */
function productsBeside(c: RuleContext, rows: string, side: "before" | "after"): string {
  const { b } = c;
  const [m = 0, n = 0] = b.shape(rows);
  const shifted = (value: string, by: number) => {
    const ones = b.op("Expand", [b.scalarLike(value, 1), b.integers([m, by])]);
    const [from, to] = side === "before" ? [0, n - by] : [by, n];
    const rest = b.op("Slice", [value, b.integers([from]), b.integers([to]), b.integers([1])]);
    return b.op("Concat", side === "before" ? [ones, rest] : [rest, ones], { axis: 1 });
  };
  let products = shifted(rows, 1);
  for (let by = 1; by < n - 1; by *= 2) products = b.op("Mul", [products, shifted(products, by)]);
  return products;
}

export const reduceRules = {
  ReduceL2: norm,
  // g·exp(x − y): the softmax over the reduced axes
  ReduceLogSumExp: (c) => [
    c.b.op("Mul", [kept(c, c.g), c.b.op("Exp", [c.b.op("Sub", [c.x[0] as string, kept(c, c.y)])])]),
  ],
  ReduceProd: product,
  ReduceSum: (c) => [spread(c, c.g)],
  ReduceMean: (c) => [spread(c, c.b.op("Mul", [c.g, c.b.scalarLike(c.g, 1 / groupSize(c))]))],
  ReduceSumSquare: (c) => [
    c.b.op("Mul", [c.x[0] as string, kept(c, c.b.op("Mul", [c.g, c.b.scalarLike(c.g, 2)]))]),
  ],
  ReduceMax: extremum,
  ReduceMin: extremum,
} satisfies Record<string, Rule>;
