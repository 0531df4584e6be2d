import { floatAttribute } from "../../onnx/index.ts";
import type { Rule, RuleContext } from "../rule.ts";

const x = (c: RuleContext) => c.x[0] as string;
const mul = (c: RuleContext, a: string, b: string) => c.b.op("Mul", [a, b]);
const constant = (c: RuleContext, value: number) => c.b.scalarLike(c.g, value);

/** Where x > threshold the first cotangent, else the second. */
function either(c: RuleContext, threshold: number, above: string, below: string): string {
  return c.b.op("Where", [c.b.op("Greater", [x(c), constant(c, threshold)]), above, below]);
}

/** α·exp(x/α) where x ≤ 0, as the negative side of the exponential units has it. */
const negativeSlope = (c: RuleContext, factor: number, scale = 1) =>
  mul(
    c,
    c.g,
    mul(
      c,
      c.b.op("Exp", [mul(c, c.b.op("Min", [x(c), constant(c, 0)]), constant(c, scale))]),
      constant(c, factor),
    ),
  );

/** dx = g / √(1 − x²) and its relatives: g over a root of a polynomial of x. */
function overRoot(c: RuleContext, inner: string): string {
  return c.b.op("Div", [c.g, c.b.op("Sqrt", [inner])]);
}

const square = (c: RuleContext) => mul(c, x(c), x(c));
const plus = (c: RuleContext, a: string, value: number) => c.b.op("Add", [a, constant(c, value)]);
const oneMinus = (c: RuleContext, a: string) => c.b.op("Sub", [constant(c, 1), a]);
const neg = (c: RuleContext, a: string) => c.b.op("Neg", [a]);

export const activationRules = {
  Acos: (c) => [neg(c, overRoot(c, oneMinus(c, square(c))))],
  Acosh: (c) => [overRoot(c, plus(c, square(c), -1))],
  Asin: (c) => [overRoot(c, oneMinus(c, square(c)))],
  Asinh: (c) => [overRoot(c, plus(c, square(c), 1))],
  Atan: (c) => [c.b.op("Div", [c.g, plus(c, square(c), 1)])],
  Atanh: (c) => [c.b.op("Div", [c.g, oneMinus(c, square(c))])],
  Cosh: (c) => [mul(c, c.g, c.b.op("Sinh", [x(c)]))],
  Sinh: (c) => [mul(c, c.g, c.b.op("Cosh", [x(c)]))],
  Tan: (c) => [mul(c, c.g, plus(c, mul(c, c.y, c.y), 1))],

  Celu: (c) => [either(c, 0, c.g, negativeSlope(c, 1, 1 / floatAttribute(c.node, "alpha", 1)))],
  Elu: (c) => [either(c, 0, c.g, negativeSlope(c, floatAttribute(c.node, "alpha", 1)))],
  // dx = αg where 0 < αx + β < 1
  HardSigmoid: (c) => {
    const alpha = floatAttribute(c.node, "alpha", 0.2);
    const inside = c.b.op("And", [
      c.b.op("Greater", [c.y, constant(c, 0)]),
      c.b.op("Less", [c.y, constant(c, 1)]),
    ]);
    return [c.b.op("Where", [inside, mul(c, c.g, constant(c, alpha)), constant(c, 0)])];
  },
  // y = x·clip(x/6 + ½, 0, 1): slope x/3 + ½ between −3 and 3
  HardSwish: (c) => {
    const slope = plus(c, mul(c, x(c), constant(c, 1 / 3)), 0.5);
    const inside = either(c, -3, mul(c, c.g, slope), constant(c, 0));
    return [c.b.op("Where", [c.b.op("Less", [x(c), constant(c, 3)]), inside, c.g])];
  },
  LeakyRelu: (c) => [either(c, 0, c.g, mul(c, c.g, constant(c, floatAttribute(c.node, "alpha", 0.01))))],
  // y = x·tanh(softplus(x)), t the tanh: dx = g·(t + x·(1 − t²)·σ(x))
  Mish: (c) => {
    const t = c.b.op("Tanh", [c.b.op("Softplus", [x(c)])]);
    const inner = mul(c, mul(c, x(c), oneMinus(c, mul(c, t, t))), c.b.op("Sigmoid", [x(c)]));
    return [mul(c, c.g, c.b.op("Add", [t, inner]))];
  },
  Selu: (c) => {
    const alpha = floatAttribute(c.node, "alpha", 1.6732631921768188);
    const gamma = floatAttribute(c.node, "gamma", 1.0507010221481323);
    return [either(c, 0, mul(c, c.g, constant(c, gamma)), negativeSlope(c, alpha * gamma))];
  },
  // outside of [−λ, λ] the slope is 1, inside 0
  Shrink: (c) => {
    const lambda = floatAttribute(c.node, "lambd", 0.5);
    const inside = c.b.op("LessOrEqual", [c.b.op("Abs", [x(c)]), constant(c, lambda)]);
    return [c.b.op("Where", [inside, constant(c, 0), c.g])];
  },
  // dx = g / (1 + |x|)²
  Softsign: (c) => {
    const base = plus(c, c.b.op("Abs", [x(c)]), 1);
    return [c.b.op("Div", [c.g, mul(c, base, base)])];
  },
  ThresholdedRelu: (c) => [either(c, floatAttribute(c.node, "alpha", 1), c.g, constant(c, 0))],
} satisfies Record<string, Rule>;
