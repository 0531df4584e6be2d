import { broadcastShapes } from "../shapes.ts";
import { broadcast, dtypeOfCode, input, intAttribute, type OpInfo, same, type } from "./op-info.ts";

/** The output looks like the first input; the op takes these attributes. */
function like(attributes: OpInfo["attributes"] = {}): OpInfo {
  return { attributes, infer: (c) => [input(c, 0)] };
}

/** A truth value for each element. */
const predicate = (): OpInfo => ({ infer: (c) => [type("bool", input(c, 0).shape)] });

const whereRow: OpInfo = {
  infer: (c) => {
    const [condition, a, b] = [input(c, 0), input(c, 1), input(c, 2)];
    const inner = broadcastShapes(condition.shape, a.shape) ?? c.fail("the shapes do not broadcast");
    return [type(a.dtype, broadcastShapes(inner, b.shape) ?? c.fail("the shapes do not broadcast"))];
  },
};

export const elementwiseOps = {
  // one input
  Abs: same(),
  Acos: same(),
  Acosh: same(),
  Asin: same(),
  Asinh: same(),
  Atan: same(),
  Atanh: same(),
  Ceil: same(),
  Cos: same(),
  Cosh: same(),
  Erf: same(),
  Exp: same(),
  Floor: same(),
  HardSwish: same(),
  Identity: same(),
  IsInf: { attributes: { detect_negative: "int", detect_positive: "int" }, ...predicate() },
  IsNaN: predicate(),
  Log: same(),
  Mish: same(),
  Neg: same(),
  Not: same(),
  Reciprocal: same(),
  Relu: same(),
  Round: same(),
  Sigmoid: same(),
  Sign: same(),
  Sin: same(),
  Sinh: same(),
  Softplus: same(),
  Softsign: same(),
  Sqrt: same(),
  Tan: same(),
  Tanh: same(),
  Celu: { attributes: { alpha: "float" }, infer: like().infer },
  Elu: { attributes: { alpha: "float" }, infer: like().infer },
  Gelu: { attributes: { approximate: "string" }, infer: like().infer },
  HardSigmoid: { attributes: { alpha: "float", beta: "float" }, infer: like().infer },
  LeakyRelu: { attributes: { alpha: "float" }, infer: like().infer },
  Selu: { attributes: { alpha: "float", gamma: "float" }, infer: like().infer },
  Shrink: { attributes: { bias: "float", lambd: "float" }, infer: like().infer },
  ThresholdedRelu: { attributes: { alpha: "float" }, infer: like().infer },
  Clip: like(),
  Cast: {
    attributes: { to: "int" },
    infer: (c) => [
      type(dtypeOfCode[intAttribute(c, "to", 0)] ?? c.fail("unknown element type"), input(c, 0).shape),
    ],
  },
  CastLike: { infer: (c) => [type(input(c, 1).dtype, input(c, 0).shape)] },
  Dropout: {
    attributes: { seed: "int" },
    infer: (c) => [input(c, 0), type("bool", input(c, 0).shape)].slice(0, c.outputCount),
  },

  // several inputs, broadcast
  Add: broadcast(),
  Sub: broadcast(),
  Mul: broadcast(),
  Div: broadcast(),
  Mod: { attributes: { fmod: "int" }, infer: broadcast().infer },
  Pow: {
    infer: (c) => [
      type(
        input(c, 0).dtype,
        broadcastShapes(input(c, 0).shape, input(c, 1).shape) ?? c.fail("the shapes do not broadcast"),
      ),
    ],
  },
  PRelu: broadcast(),
  Max: broadcast(),
  Mean: broadcast(),
  Min: broadcast(),
  Sum: broadcast(),
  And: broadcast("bool"),
  Or: broadcast("bool"),
  Xor: broadcast("bool"),
  Equal: broadcast("bool"),
  Less: broadcast("bool"),
  LessOrEqual: broadcast("bool"),
  Greater: broadcast("bool"),
  GreaterOrEqual: broadcast("bool"),
  Where: whereRow,
} as const satisfies Record<string, OpInfo>;
