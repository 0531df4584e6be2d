export type { Evaluate, GradientCheck, GradientDeviation } from "./check-gradients.ts";
export { checkGradients } from "./check-gradients.ts";
export { AutodiffError, type AutodiffErrorCode } from "./errors.ts";
export type { GradientRequest } from "./grad.ts";
export { addGradients, grad, gradientName, withStatistics } from "./grad.ts";
export type { Rule, RuleContext } from "./rule.ts";
export { noGradient, notDifferentiable, rules } from "./rules/index.ts";
