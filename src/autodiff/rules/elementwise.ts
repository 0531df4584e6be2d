import { type Rule, type RuleContext, refuse, when } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

// ----- makers

/** One input: `derivative` returns the cotangent of x. */
function unary(derivative: (c: RuleContext) => string): Rule {
  return (c) => [derivative(c)];
}

/** Two broadcast inputs: each function returns the cotangent before it is summed back to its input's shape. */
function binary(left: (c: RuleContext) => string, right: (c: RuleContext) => string): Rule {
  return (c) => [when(c, 0, () => toShapeOf(c, 0, left(c))), when(c, 1, () => toShapeOf(c, 1, right(c)))];
}

function toShapeOf(c: RuleContext, index: number, cotangent: string): string {
  return unbroadcast(c.b, cotangent, c.b.shape(c.x[index] as string));
}

const mul = (c: RuleContext, a: string, b: string) => c.b.op("Mul", [a, b]);
const scaled = (c: RuleContext, a: string, factor: number) => mul(c, a, c.b.scalarLike(a, factor));
const first = (c: RuleContext) => c.x[0] as string;
const second = (c: RuleContext) => c.x[1] as string;

// ----- rules with more than a line

/**
 * g where x lies in [low, high], else 0; both ends let the gradient through, as in torch. What is cut off goes to the
 * bound that cut it, and where the bounds cross to the upper one.
 */
function clip(c: RuleContext): readonly (string | undefined)[] {
  const { b, g } = c;
  const [x, low, high] = c.x as [string, string | undefined, string | undefined];
  const zero = b.scalarLike(g, 0);
  const below = low ? b.op("Less", [x, low]) : undefined;
  const above = high ? b.op("Greater", [x, high]) : undefined;
  const cut = below && above ? b.op("Or", [below, above]) : (below ?? above);
  return [
    when(c, 0, () => (cut ? b.op("Where", [cut, zero, g]) : g)),
    below &&
      when(c, 1, () => {
        const lower = high ? b.op("And", [below, b.op("Less", [low as string, high])]) : below;
        return toShapeOf(c, 1, b.op("Where", [lower, g, zero]));
      }),
    above &&
      when(c, 2, () => {
        const upper = low ? b.op("Or", [above, b.op("Less", [high as string, low])]) : above;
        return toShapeOf(c, 2, b.op("Where", [upper, g, zero]));
      }),
  ];
}

/** x^p: p·x^(p−1) for x, y·ln(x) for p. Squares and roots keep their own short forms. */
function pow(c: RuleContext): readonly (string | undefined)[] {
  const exponent = c.b.constantValue(second(c));
  if (exponent?.data.length === 1 && !c.needs(1))
    return [toShapeOf(c, 0, powerOf(c, Number(exponent.data[0])))];
  const { b, g, y } = c;
  const zero = b.scalarLike(g, 0);
  const one = b.scalarLike(g, 1);
  const p = b.cast(second(c), b.type(first(c)).dtype);
  return [
    // x⁰ has the slope 0 everywhere; 0·x⁻¹ would be NaN at 0
    when(c, 0, () => {
      const lowered = b.op("Sub", [b.op("Where", [b.op("Equal", [p, zero]), one, p]), one]);
      return toShapeOf(c, 0, mul(c, g, mul(c, p, b.op("Pow", [first(c), lowered]))));
    }),
    // 0^p stays 0 (or 1) for the exponents near p; for x < 0 there is no slope, as in torch
    when(c, 1, () => {
      const isFlat = b.op("And", [b.op("Equal", [first(c), zero]), b.op("GreaterOrEqual", [p, zero])]);
      const logarithm = b.op("Log", [b.op("Where", [isFlat, one, first(c)])]);
      return toShapeOf(c, 1, mul(c, g, mul(c, y, logarithm)));
    }),
  ];
}

function powerOf(c: RuleContext, p: number): string {
  if (p === 0) return c.b.op("Expand", [c.b.scalarLike(c.g, 0), c.b.integers(c.b.shape(c.g))]);
  if (p === 1) return c.g;
  if (p === 2) return scaled(c, mul(c, c.g, first(c)), 2);
  if (p === 0.5) return c.b.op("Div", [scaled(c, c.g, 0.5), c.y]);
  const power = c.b.op("Pow", [first(c), c.b.scalarLike(first(c), p - 1)]);
  return scaled(c, mul(c, c.g, power), p);
}

/** The winner takes the cotangent; equal operands share it evenly, as in torch. */
function extremum(wins: "Greater" | "Less"): Rule {
  return (c) => {
    const { b, x, g } = c;
    if (x.length === 1) return [g];
    if (x.length > 2)
      return refuse(c, `${c.node.op} of more than two values has no rule`, "nest it in pairs");
    const zero = b.scalarLike(g, 0);
    const tie = b.op("Where", [b.op("Equal", [first(c), second(c)]), scaled(c, g, 0.5), zero]);
    const share = (a: string, other: string) => b.op("Where", [b.op(wins, [a, other]), g, tie]);
    return [
      when(c, 0, () => toShapeOf(c, 0, share(first(c), second(c)))),
      when(c, 1, () => toShapeOf(c, 1, share(second(c), first(c)))),
    ];
  };
}

/**
 * Exact Gelu, y = x·Φ(x). With t = x·√½ its slope is Φ(x) + x·φ(x) = ½·(1 + erf(t) + (2/√π)·t·exp(−t²)).
 * Large |x| is safe: the exponential underflows to 0 and erf saturates. `fuseGeluGradient` knows this form.
 */
function gelu(c: RuleContext): readonly string[] {
  const { b, g, node } = c;
  const approximate = node.attributes["approximate"];
  if (approximate?.type === "string" && approximate.value === "tanh") return [geluTanh(c)];
  const t = scaled(c, first(c), Math.SQRT1_2);
  const shifted = b.op("Add", [b.op("Erf", [t]), b.scalarLike(t, 1)]);
  const density = mul(c, t, b.op("Exp", [b.op("Neg", [mul(c, t, t)])]));
  const slope = b.op("Add", [shifted, scaled(c, density, 2 / Math.sqrt(Math.PI))]);
  return [mul(c, scaled(c, g, 0.5), slope)];
}

/** u = k(x + 0.044715x³), t = tanh u:  dx = g·(½(1+t) + ½x(1−t²)·k(1 + 3·0.044715x²)),  k = √(2/π). */
function geluTanh(c: RuleContext): string {
  const { b, g } = c;
  const x = first(c);
  const k = Math.sqrt(2 / Math.PI);
  const one = b.scalarLike(x, 1);
  const square = mul(c, x, x);
  const t = b.op("Tanh", [scaled(c, mul(c, x, b.op("Add", [one, scaled(c, square, 0.044715)])), k)]);
  const slope = scaled(c, b.op("Add", [one, scaled(c, square, 3 * 0.044715)]), 0.5 * k);
  const curved = mul(c, mul(c, x, b.op("Sub", [one, mul(c, t, t)])), slope);
  return mul(c, g, b.op("Add", [scaled(c, b.op("Add", [one, t]), 0.5), curved]));
}

export const elementwiseRules = {
  // ----- one input
  Abs: unary((c) => mul(c, c.g, c.b.op("Sign", [first(c)]))),
  // only reached between floats: other values depend on nothing smoothly
  Cast: unary((c) => c.b.cast(c.g, c.b.type(first(c)).dtype)),
  Clip: clip,
  Cos: unary((c) => c.b.op("Neg", [mul(c, c.g, c.b.op("Sin", [first(c)]))])),
  Erf: unary((c) => {
    const density = c.b.op("Exp", [c.b.op("Neg", [mul(c, first(c), first(c))])]);
    return mul(c, c.g, scaled(c, density, 2 / Math.sqrt(Math.PI)));
  }),
  Exp: unary((c) => mul(c, c.g, c.y)),
  Gelu: gelu,
  Identity: unary((c) => c.g),
  Log: unary((c) => c.b.op("Div", [c.g, first(c)])),
  Neg: unary((c) => c.b.op("Neg", [c.g])),
  Reciprocal: unary((c) => c.b.op("Neg", [mul(c, c.g, mul(c, c.y, c.y))])),
  // CUDA compares no bfloat16; there what is not zero is positive
  Relu: unary((c) => {
    const zero = c.b.scalarLike(c.g, 0);
    const isBrain = c.b.type(c.y).dtype === "bfloat16";
    const isPositive = isBrain ? c.b.cast(c.y, "bool") : c.b.op("Greater", [c.y, zero]);
    return c.b.op("Where", [isPositive, c.g, zero]);
  }),
  Sigmoid: unary((c) => mul(c, c.g, mul(c, c.y, c.b.op("Sub", [c.b.scalarLike(c.y, 1), c.y])))),
  Sin: unary((c) => mul(c, c.g, c.b.op("Cos", [first(c)]))),
  Softplus: unary((c) => mul(c, c.g, c.b.op("Sigmoid", [first(c)]))),
  Sqrt: unary((c) => c.b.op("Div", [scaled(c, c.g, 0.5), c.y])),
  Tanh: unary((c) => mul(c, c.g, c.b.op("Sub", [c.b.scalarLike(c.y, 1), mul(c, c.y, c.y)]))),

  // ----- two or more, broadcast
  Add: binary(
    (c) => c.g,
    (c) => c.g,
  ),
  Sub: binary(
    (c) => c.g,
    (c) => c.b.op("Neg", [c.g]),
  ),
  Mul: binary(
    (c) => mul(c, c.g, second(c)),
    (c) => mul(c, c.g, first(c)),
  ),
  Div: binary(
    (c) => c.b.op("Div", [c.g, second(c)]),
    (c) => c.b.op("Neg", [mul(c, c.b.op("Div", [c.g, second(c)]), c.y)]),
  ),
  Pow: pow,
  Max: extremum("Greater"),
  Min: extremum("Less"),
  Sum: (c) => c.x.map((_, index) => when(c, index, () => toShapeOf(c, index, c.g))),
  // never g·condition: 0·inf would be NaN
  Where: (c) => {
    const zero = c.b.scalarLike(c.g, 0);
    const condition = first(c);
    return [
      undefined,
      when(c, 1, () => toShapeOf(c, 1, c.b.op("Where", [condition, c.g, zero]))),
      when(c, 2, () => toShapeOf(c, 2, c.b.op("Where", [condition, zero, c.g]))),
    ];
  },
} satisfies Record<string, Rule>;
