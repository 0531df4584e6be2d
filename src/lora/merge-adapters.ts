import { float32Tensor, type Tensor } from "../onnx/index.ts";
import { adaptedRows } from "./adapted-weight.ts";
import { checkTensors } from "./check-tensors.ts";
import { LoraError } from "./errors.ts";
import type { LoraConfig } from "./lora-config.ts";
import type { LinearModule, LoraModules } from "./modules.ts";
import { noWeight } from "./no-weight.ts";
import { type AdapterTarget, planAdapters } from "./plan-adapters.ts";

/** Settings and trained tensors under PEFT's names. */
export interface LoraAdapter {
  readonly config: LoraConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface MergedWeights {
  /** All weights given, with the adapted ones replaced. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /**
   * The largest difference, relative to the largest value of a layer, between the merged layer and base plus adapter
   * on a fixed input. About 1e-7: float32's rounding of the merged weights.
   */
  readonly selfCheck: number;
}

/**
 * Works the adapter into the base weights: W + s·B·A (DoRA: its rows scaled to the magnitudes), biases, saved modules.
 * Computed in double precision and rounded once.
 *
 * @param weights  the base's weights by torch name, or a graph's initializers; not changed
 * @throws {LoraError} LORA_NOT_FINITE if a merged weight is infinite or not a number; what planning and checking throw
 * @see peft `tuners/lora/layer.py` `merge`, with `safe_merge`
 */
export function mergeAdapters(
  weights: ReadonlyMap<string, Tensor>,
  adapter: LoraAdapter,
  modules: LoraModules,
): MergedWeights {
  const plan = planAdapters(adapter.config, modules, weights);
  const tensors = checkTensors(plan, adapter.tensors);
  const merged = new Map(weights);
  for (const [key, { base }] of plan.tensors) {
    if (base !== undefined) merged.set(base, tensors.get(key) as Tensor);
  }
  let selfCheck = 0;
  for (const target of plan.targets) {
    const weight = weights.get(target.module.weight);
    if (!weight) throw noWeight(target.module);
    const parts = partsOf(target, tensors);
    const result = mergedWeight(target, weight, parts);
    merged.set(target.module.weight, result);
    mergeBias(target, tensors, merged);
    selfCheck = Math.max(selfCheck, deviation(target, weight, parts, result));
  }
  return { weights: merged, selfCheck };
}

interface Parts {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly magnitude: Tensor | undefined;
}

function partsOf({ keys }: AdapterTarget, tensors: ReadonlyMap<string, Tensor>): Parts {
  return {
    a: tensors.get(keys.a) as Tensor,
    b: tensors.get(keys.b) as Tensor,
    magnitude: keys.magnitude === undefined ? undefined : tensors.get(keys.magnitude),
  };
}

function mergedWeight({ module, scale }: AdapterTarget, weight: Tensor, parts: Parts): Tensor {
  const { inFeatures: columns, outFeatures: rows, transposed } = module;
  const { values, norms } = adaptedRows(module, weight, parts, scale);
  const data = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    const factor = parts.magnitude ? Number(parts.magnitude.data[i]) / (norms[i] as number) : 1;
    for (let j = 0; j < columns; j++) {
      data[transposed ? j * rows + i : i * columns + j] = factor * (values[i * columns + j] as number);
    }
  }
  if (!data.every(Number.isFinite)) throw notFinite(module);
  return float32Tensor(weight.shape, data);
}

function mergeBias(
  { module, keys, scale }: AdapterTarget,
  tensors: ReadonlyMap<string, Tensor>,
  merged: Map<string, Tensor>,
): void {
  const added = keys.bBias === undefined ? undefined : tensors.get(keys.bBias);
  const bias = module.bias === null ? undefined : merged.get(module.bias);
  if (!added || !bias || module.bias === null) return;
  const sum = (_: unknown, i: number) => Number(bias.data[i]) + scale * Number(added.data[i]);
  const data = Float32Array.from({ length: bias.data.length }, sum);
  merged.set(module.bias, float32Tensor(bias.shape, data));
}

/** Compares W'·x with c·(W·x + s·B·(A·x)) on a fixed x; the skinny products go another way than the merge. */
function deviation(target: AdapterTarget, weight: Tensor, parts: Parts, result: Tensor): number {
  const { module, rank, scale } = target;
  const { inFeatures: columns, outFeatures: rows, transposed = false } = module;
  const x = Float64Array.from({ length: columns }, (_, j) => Math.cos(1.7 * j + 0.3));
  const base = times(weight.data, x, rows, transposed);
  const update = times(parts.b.data, times(parts.a.data, x, rank, false), rows, false);
  const got = times(result.data, x, rows, transposed);
  const norms = parts.magnitude ? adaptedRows(module, weight, parts, scale).norms : undefined;
  let worst = 0;
  let largest = Number.MIN_VALUE;
  for (let i = 0; i < rows; i++) {
    const factor = norms ? Number(parts.magnitude?.data[i]) / (norms[i] as number) : 1;
    const wanted = factor * ((base[i] as number) + scale * (update[i] as number));
    worst = Math.max(worst, Math.abs(wanted - (got[i] as number)));
    largest = Math.max(largest, Math.abs(wanted));
  }
  return worst / largest;
}

/** Matrix times vector; the matrix is [rows, x.length] row-major, or its transpose. */
function times(
  matrix: Tensor["data"] | Float64Array,
  x: Float64Array,
  rows: number,
  transposed: boolean,
): Float64Array {
  const product = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < x.length; j++) {
      sum += Number(matrix[transposed ? j * rows + i : i * x.length + j]) * (x[j] as number);
    }
    product[i] = sum;
  }
  return product;
}

function notFinite({ path }: LinearModule): LoraError {
  return new LoraError("LORA_NOT_FINITE", "the merged weight has values that are infinite or not a number", {
    where: `module ${path}`,
    fix: "the training diverged or a magnitude's row is zero: use an earlier checkpoint or a smaller learning rate",
  });
}
