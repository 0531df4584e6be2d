import type { GraphBuilder } from "../onnx/index.ts";
import { quantileErrors } from "./quantile-loss.ts";

export const lossKinds = ["mse", "mae", "huber", "quantile"] as const;
export type LossKind = (typeof lossKinds)[number];

/** Where Huber's loss turns from a square into a line, in the units of the data. */
export const HUBER_DELTA = 1;

/**
 * Adds the masked mean loss over a part of a batch:
 *
 *     loss = inverse_count · Σ mask · l(predictions − future_values)
 *
 * The scalar input `inverse_count` is 1 / (observed values of the *whole* batch), so the losses and gradients of its
 * parts simply add up. Further inputs: `future_values` and `future_mask` (0 or 1), float32 [batch, time, channel].
 *
 * `quantile` is not of the predictions but of all the quantiles that the graph forecasts, see {@link quantileErrors}.
 *
 * @param quantiles  the model's levels; null for a model of points
 * @returns the name of the scalar loss
 */
export function addLoss(
  b: GraphBuilder,
  predictions: string,
  kind: LossKind,
  quantiles: readonly number[] | null = null,
): string {
  const shape = b.shape(predictions);
  const target = b.input("future_values", "float32", shape);
  const mask = b.input("future_mask", "float32", shape);
  const inverseCount = b.input("inverse_count", "float32", []);
  const error = () => b.op("Mul", [b.op("Sub", [predictions, target]), mask]);
  const sum = (values: string) => b.op("ReduceSum", [values], { keepdims: 0 });
  const total = {
    mse: () => b.op("ReduceSumSquare", [error()], { keepdims: 0 }),
    mae: () => sum(b.op("Abs", [error()])),
    huber: () => sum(huber(b, error())),
    quantile: () => sum(quantileErrors(b, target, mask, quantiles)),
  }[kind]();
  return b.op("Mul", [total, inverseCount], undefined, { name: "loss" });
}

/** ½e² where |e| ≤ δ, else δ·(|e| − ½δ); written as q·(|e| − ½q) with q = min(|e|, δ). */
function huber(b: GraphBuilder, error: string): string {
  const absolute = b.op("Abs", [error]);
  const inner = b.op("Clip", [absolute, b.scalar(0), b.scalar(HUBER_DELTA)]);
  return b.op("Mul", [inner, b.op("Sub", [absolute, b.op("Mul", [inner, b.scalar(0.5)])])]);
}
