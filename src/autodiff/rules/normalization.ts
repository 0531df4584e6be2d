import { intAttribute } from "../../onnx/index.ts";
import { type Rule, refuse, when } from "../rule.ts";
import { unbroadcast } from "../unbroadcast.ts";

/**
 * y = x̂·γ + β with x̂ = (x − mean)·inv. With d = x − mean, w = g·γ and means over the normalised axes:
 *
 *     dx = inv·(w − d·inv²·mean(w·d) − mean(w)),   dγ = Σ g·x̂,   dβ = Σ g
 *
 * x̂ itself is formed only for dγ. The statistics are the node's own second and third outputs.
 */
const layerNormalization: Rule = (c) => {
  const { b, g, node } = c;
  const [x, gamma, beta] = c.x as [string, string, string | undefined];
  const [, mean, inv] = node.outputs;
  if (!mean || !inv)
    return refuse(c, "its statistics are not outputs", "differentiate through grad(), which adds them");
  const rank = b.shape(x).length;
  const from = (intAttribute(node, "axis", -1) + rank) % rank;
  const axes = b.integers(Array.from({ length: rank - from }, (_, index) => from + index));
  const average = (value: string) => b.op("ReduceMean", [value, axes], { keepdims: 1 });
  const d = b.op("Sub", [x, mean]);
  return [
    when(c, 0, () => {
      const w = b.op("Mul", [g, gamma]);
      const q = b.op("Mul", [average(b.op("Mul", [w, d])), b.op("Mul", [inv, inv])]);
      const centred = b.op("Sub", [b.op("Sub", [w, b.op("Mul", [d, q])]), average(w)]);
      return b.op("Mul", [centred, inv]);
    }),
    when(c, 1, () => unbroadcast(b, b.op("Mul", [g, b.op("Mul", [d, inv])]), b.shape(gamma))),
    when(c, 2, () => unbroadcast(b, g, b.shape(beta as string))),
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
