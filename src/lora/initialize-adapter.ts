import type { Random } from "../core/index.ts";
import { elementCount, float32Tensor, type Tensor } from "../onnx/index.ts";
import { adaptedRows } from "./adapted-weight.ts";
import { LoraError } from "./errors.ts";
import type { AdapterPlan, AdapterTarget } from "./plan-adapters.ts";

/**
 * The values an adapter starts with, by `init_lora_weights`:
 *
 *     true      A ~ U(−1/√in, 1/√in)   B = 0        the model starts as the base
 *     gaussian  A ~ N(0, 1/r²)         B = 0
 *     false     A ~ U(−1/√in, 1/√in)   B ~ U(−1/√r, 1/√r)
 *
 * DoRA's magnitudes are the row norms of W + s·B·A; biases and saved modules start as the base has them.
 *
 * @throws {LoraError} LORA_UNSUPPORTED for a start that only PEFT can make
 * @see peft `tuners/lora/layer.py` `reset_lora_parameters`
 */
export function initializeAdapter(
  plan: AdapterPlan,
  base: ReadonlyMap<string, Tensor>,
  random: Random,
): ReadonlyMap<string, Tensor> {
  const { init_lora_weights: init } = plan.config;
  if (typeof init === "string" && init !== "gaussian") throw unknownInit(init);
  const values = new Map<string, Tensor>();
  for (const target of plan.targets) {
    for (const [key, tensor] of startOf(target, init === "gaussian" ? "gaussian" : init === true, random))
      values.set(key, tensor);
  }
  for (const { module, keys, scale } of plan.targets) {
    const weight = base.get(module.weight);
    if (keys.magnitude === undefined || weight === undefined) continue;
    const rows = adaptedRows(module, weight, pair(values, keys.a, keys.b), scale);
    values.set(keys.magnitude, float32Tensor([module.outFeatures], rows.norms));
  }
  for (const [key, { base: name }] of plan.tensors) {
    const value = name === undefined ? undefined : base.get(name);
    if (value) values.set(key, value);
  }
  // in the plan's order
  return new Map(
    [...plan.tensors.keys()].flatMap((key) => (values.has(key) ? [[key, values.get(key) as Tensor]] : [])),
  );
}

function pair(values: ReadonlyMap<string, Tensor>, a: string, b: string): { a: Tensor; b: Tensor } {
  return { a: values.get(a) as Tensor, b: values.get(b) as Tensor };
}

function startOf(
  { module, rank, keys }: AdapterTarget,
  init: boolean | "gaussian",
  random: Random,
): [string, Tensor][] {
  const { inFeatures, outFeatures } = module;
  const uniform = (fan: number) => () => random.uniform(-1 / Math.sqrt(fan), 1 / Math.sqrt(fan));
  const zero = () => 0;
  const a = init === "gaussian" ? () => random.normal(1 / rank) : uniform(inFeatures);
  const b = init === false ? uniform(rank) : zero;
  const tensors: [string, Tensor][] = [
    [keys.a, filled([rank, inFeatures], a)],
    [keys.b, filled([outFeatures, rank], b)],
  ];
  if (keys.bBias) tensors.push([keys.bBias, filled([outFeatures], b)]);
  return tensors;
}

function filled(shape: readonly number[], draw: () => number): Tensor {
  return float32Tensor(shape, Float32Array.from({ length: elementCount(shape) }, draw));
}

function unknownInit(init: string): LoraError {
  return new LoraError("LORA_UNSUPPORTED", `no start named '${init}' for a new adapter`, {
    where: "init_lora_weights",
    fix: "use true, gaussian or false",
  });
}
