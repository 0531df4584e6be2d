import type { GraphBuilder } from "../onnx/index.ts";

/**
 * Sums a cotangent over the axes along which its primal was broadcast, back to the primal's shape.
 *
 *     shape [4, 3] from primal [3]     → ReduceSum over axis 0
 *     shape [4, 3] from primal [4, 1]  → ReduceSum over axis 1, kept
 */
export function unbroadcast(b: GraphBuilder, cotangent: string, shape: readonly number[]): string {
  const from = b.shape(cotangent);
  const padded = [...Array<number>(from.length - shape.length).fill(1), ...shape];
  const axes = padded.flatMap((size, axis) => (size === 1 && from[axis] !== 1 ? [axis] : []));
  const summed =
    axes.length === 0 ? cotangent : b.op("ReduceSum", [cotangent, b.integers(axes)], { keepdims: 1 });
  return b.reshape(summed, shape);
}
