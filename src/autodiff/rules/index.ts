import type { OpType } from "../../onnx/index.ts";
import type { Rule } from "../rule.ts";
import { activationRules } from "./activations.ts";
import { convolutionRules } from "./convolution.ts";
import { einsumRules } from "./einsum.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { layoutRules } from "./layout.ts";
import { linearRules } from "./linear.ts";
import { normalizationRules } from "./normalization.ts";
import { reduceRules } from "./reduce.ts";

/** The gradient table: one row per op. */
export const rules = {
  ...elementwiseRules,
  ...activationRules,
  ...linearRules,
  ...einsumRules,
  ...reduceRules,
  ...normalizationRules,
  ...layoutRules,
  ...indexingRules,
  ...convolutionRules,
} satisfies Partial<Record<OpType, Rule>>;

/** Ops whose gradient is zero on purpose: piecewise constant, or with outputs that are no floats. */
export const noGradient = [
  "And",
  "ArgMax",
  "ArgMin",
  "Ceil",
  "ConstantOfShape",
  "Equal",
  "EyeLike",
  "Floor",
  "Greater",
  "GreaterOrEqual",
  "IsInf",
  "IsNaN",
  "Less",
  "LessOrEqual",
  "Not",
  "OneHot",
  "Or",
  "Range",
  "Round",
  "Shape",
  "Sign",
  "Size",
  "Xor",
] as const satisfies readonly OpType[];

/** Ops that graphs may hold and that cannot be differentiated, each with what to do about it. */
export const notDifferentiable = {
  Dropout:
    "turn it into a fixed mask first (feedDropoutMasks), so that forward and backward see the same one",
  Mod: "keep it out of the path from the trained weights to the loss",
  Scan: "export the model with a fixed number of steps: decodeModel unrolls it",
} as const satisfies Partial<Record<OpType, string>>;

/** Outputs that gradients need and that exporters leave out, by op: the names that they get. */
export const savedOutputs: Readonly<Record<string, readonly string[]>> = {
  LayerNormalization: ["", "mean", "inverse_deviation"],
  MaxPool: ["", "indices"],
  TopK: ["", "indices"],
};
