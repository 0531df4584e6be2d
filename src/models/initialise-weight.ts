import type { Random } from "../core/index.ts";
import { elementCount, float32Tensor, type Tensor } from "../onnx/index.ts";
import type { ParameterSpec } from "./module-spec.ts";
import { sincosTable } from "./ttm/sincos-table.ts";

/** A new weight, as torch would fill it; `random` is drawn from in row-major order. */
export function initialiseWeight({ dtype, shape, initial }: ParameterSpec, random: Random): Tensor {
  const count = elementCount(shape);
  if (dtype === "int64") return { dtype, shape, data: new BigInt64Array(count) };
  if (initial.kind === "sincos") return sincosTable(shape[0] ?? 0, shape[1] ?? 0);
  const draw = {
    uniform: () => (initial.kind === "uniform" ? random.uniform(initial.low, initial.high) : 0),
    normal: () => (initial.kind === "normal" ? random.normal(initial.deviation) : 0),
    constant: () => (initial.kind === "constant" ? initial.value : 0),
  }[initial.kind];
  return float32Tensor(shape, Float32Array.from({ length: count }, draw));
}
