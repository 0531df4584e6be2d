// The door `ttm/autodiff`: graphs in and out, and their gradients.
export type { DType, Graph, Node, Tensor, TensorType, ValueInfo } from "../onnx/index.ts";
export { decodeModel, encodeModel, float32Tensor, foldShapes, GraphBuilder } from "../onnx/index.ts";
export type { Evaluate, GradientCheck, GradientDeviation } from "./check-gradients.ts";
export { checkGradients } from "./check-gradients.ts";
export { AutodiffError, type AutodiffErrorCode } from "./errors.ts";
export { type Expansion, expandComposites, expansions } from "./expand-composites.ts";
export type { GradientRequest } from "./grad.ts";
export { addGradients, grad, gradientName, prepareForGradients } from "./grad.ts";
export type { Rule, RuleContext } from "./rule.ts";
export { noGradient, notDifferentiable, rules } from "./rules/index.ts";
export { unsupportedOps } from "./unsupported-ops.ts";
