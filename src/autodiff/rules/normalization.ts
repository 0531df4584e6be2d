import { elementCount, intAttribute } from "../../onnx/index.ts";
import { type Rule, refuse, when } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

/**
 * y = x̂·γ + β with x̂ = (x − mean)·inv. With d = x − mean, w = g·γ and means over the n values of the normalised axes:
 *
 *     dx = inv·(w − d·inv²·mean(w·d) − mean(w)),   dγ = Σ g·x̂,   dβ = Σ g
 *
 * x̂ itself is formed only for dγ. The statistics are the node's own second and third outputs; a gradient that is differentiated
 * again reaches them, too: mean gives dx = g/n, inv gives dx = −g·inv³·d/n.
 */
const layerNormalization: Rule = (c) => {
  const { b, node } = c;
  const [x, gamma, beta] = c.x as [string, string, string | undefined];
  const [, mean, inv] = node.outputs;
  if (!mean || !inv)
    return refuse(c, "its statistics are not outputs", "differentiate through grad(), which adds them");
  const [g, ofMean, ofInverse] = c.cotangents;
  const shape = b.shape(x);
  const from = (intAttribute(node, "axis", -1) + shape.length) % shape.length;
  const axes = b.integers(Array.from({ length: shape.length - from }, (_, index) => from + index));
  const share = b.scalarLike(x, 1 / elementCount(shape.slice(from)));
  const average = (value: string) => b.op("ReduceMean", [value, axes], { keepdims: 1 });
  const mul = (left: string, right: string) => b.op("Mul", [left, right]);
  const d = b.op("Sub", [x, mean]);
  const throughOutput = (cotangent: string) => {
    const w = mul(cotangent, gamma);
    const q = mul(average(mul(w, d)), mul(inv, inv));
    return mul(b.op("Sub", [b.op("Sub", [w, mul(d, q)]), average(w)]), inv);
  };
  const throughInverse = (cotangent: string) =>
    b.op("Neg", [mul(mul(mul(cotangent, share), mul(inv, mul(inv, inv))), d)]);
  return [
    when(c, 0, () => {
      const parts = [
        g && throughOutput(g),
        ofMean && b.op("Expand", [mul(ofMean, share), b.integers(shape)]),
        ofInverse && throughInverse(ofInverse),
      ].filter((part) => part !== undefined);
      return parts.length === 1 ? (parts[0] as string) : b.op("Sum", parts);
    }),
    g && when(c, 1, () => unbroadcast(b, mul(g, mul(d, inv)), b.shape(gamma))),
    g && when(c, 2, () => unbroadcast(b, g, b.shape(beta as string))),
  ];
};

/** dx = p − y·Σp with p = g·y, the sum over the softmax axis. */
const softmax: Rule = (c) => {
  const { b } = c;
  const axes = b.integers([intAttribute(c.node, "axis", -1)]);
  const p = b.op("Mul", [c.g, c.y]);
  const sum = b.op("ReduceSum", [p, axes], { keepdims: 1 });
  return [b.op("Sub", [p, b.op("Mul", [c.y, sum])])];
};

/** dx = g − exp(y)·Σg, the sum over the softmax axis. */
const logSoftmax: Rule = (c) => {
  const { b } = c;
  const sum = b.op("ReduceSum", [c.g, b.integers([intAttribute(c.node, "axis", -1)])], { keepdims: 1 });
  return [b.op("Sub", [c.g, b.op("Mul", [b.op("Exp", [c.y]), sum])])];
};

export const normalizationRules = {
  LayerNormalization: layerNormalization,
  LogSoftmax: logSoftmax,
  Softmax: softmax,
} satisfies Record<string, Rule>;
