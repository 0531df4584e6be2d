import { type ModelFamily, modelFamilies } from "../../src/models/index.ts";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import type { LossKind } from "../../src/train/index.ts";

/** Tensors of a case by name. */
export type Inputs = ReadonlyMap<string, Tensor>;

/** What differs between the families of models in how their goldens are written. */
export interface Family {
  /** A case's inputs, named as the reference model's arguments, under the names of the graphs' inputs here. */
  readonly inputs: (given: Inputs) => Inputs;
  /** The graph's output that the expected predictions are of. */
  readonly forecast: "predictions" | "quantiles";
  /** What `expected.loss` is where the case does not say. */
  readonly loss: LossKind | null;
  /** What a loss is divided by: observed values, or series. */
  readonly divisor: (target: { readonly observed: number; readonly series: number }) => number;
}

const families = {
  ttm: {
    inputs: (given) => given,
    forecast: "predictions",
    loss: null,
    divisor: ({ observed }) => observed,
  },
  // mean over series and levels, but the sum over steps
  "chronos-bolt": {
    inputs: boltInputs,
    forecast: "quantiles",
    loss: "quantile",
    divisor: ({ series }) => series,
  },
} as const satisfies Record<ModelFamily, Family>;

export function isFamily(name: string): name is ModelFamily {
  return modelFamilies.some((family) => family === name);
}

/** @throws {Error} for a family that no model here is of */
export function familyOf(name: string): Family {
  if (isFamily(name)) return families[name];
  throw new Error(`the family ${name} has no model here`);
}

/** `context` [B, T] and `target` [B, t] with NaN for missing, as one channel with masks. */
function boltInputs(given: Inputs): Inputs {
  if (!given.has("context")) return given;
  const inputs = new Map<string, Tensor>();
  const set = (name: string, tensor: Tensor | undefined) => {
    if (tensor) inputs.set(name, { ...tensor, shape: [...tensor.shape, 1] });
  };
  const target = given.get("target");
  set("past_values", given.get("context"));
  set("past_observed_mask", given.get("mask"));
  set("future_values", target);
  set("future_observed_mask", target && observedOf(target, given.get("target_mask")));
  return inputs;
}

function observedOf(target: Tensor, mask: Tensor | undefined): Tensor {
  const flags = Float32Array.from(target.data as ArrayLike<number>, (value, index) =>
    Number.isNaN(value) || (mask && Number(mask.data[index]) === 0) ? 0 : 1,
  );
  return float32Tensor(target.shape, flags);
}
