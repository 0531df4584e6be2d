import type { OpType } from "../../onnx/index.ts";
import type { Rule } from "../rule.ts";
import { elementwiseRules } from "./elementwise.ts";
import { layoutRules } from "./layout.ts";
import { linearRules } from "./linear.ts";
import { normalizationRules } from "./normalization.ts";
import { reduceRules } from "./reduce.ts";

/** The gradient table: one row per op. */
export const rules = {
  ...elementwiseRules,
  ...linearRules,
  ...reduceRules,
  ...normalizationRules,
  ...layoutRules,
} satisfies Partial<Record<OpType, Rule>>;

/** Ops whose gradient is zero on purpose: piecewise constant, or with outputs that are no floats. */
export const noGradient = [
  "And",
  "Ceil",
  "Equal",
  "Floor",
  "Greater",
  "GreaterOrEqual",
  "IsNaN",
  "Less",
  "LessOrEqual",
  "Not",
  "Or",
  "Round",
  "Sign",
] as const satisfies readonly OpType[];

/** Ops that graphs may hold and that cannot be differentiated, each with what to do about it. */
export const notDifferentiable = {
  Dropout:
    "turn it into a fixed mask first (feedDropoutMasks), so that forward and backward see the same one",
  ScatterElements: "keep it out of the path from the trained weights to the loss",
  ScatterND: "keep it out of the path from the trained weights to the loss",
} as const satisfies Partial<Record<OpType, string>>;
