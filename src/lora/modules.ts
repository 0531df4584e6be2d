import type { Tensor } from "../onnx/index.ts";

/** A linear layer y = x·Wᵀ + b as the graph holds it. */
export interface LinearModule {
  /** Its torch module path. */
  readonly path: string;
  /** The weight's initializer, [out, in] as torch has it (or [in, out], see `transposed`). */
  readonly weight: string;
  readonly bias: string | null;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** True where the initializer is [in, out], as exporters of other ONNX files write it. */
  readonly transposed?: boolean;
}

/** What an adapter must know about a model. */
export interface LoraModules {
  readonly linear: readonly LinearModule[];
  /** Every module path, containers included. */
  readonly all: readonly string[];
  /** Names for sets of layers, the default first. */
  readonly presets?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Every parameter of the model. Where absent, those initializers of the graph that belong to a module. */
  readonly weights?: ReadonlyMap<string, Tensor> | undefined;
}

/** Names of batch statistics: stored with a model, not trained. */
export const buffers = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/** The parameters among named tensors: floating values of a module, without batch statistics. */
export function parametersOf(
  tensors: ReadonlyMap<string, Tensor>,
  modules: LoraModules,
): ReadonlyMap<string, Tensor> {
  const owners = new Set(modules.all);
  const linear = new Set(modules.linear.flatMap(({ weight, bias }) => [weight, bias]));
  const isOwned = (name: string) =>
    modules.weights !== undefined || linear.has(name) || owners.has(name.slice(0, name.lastIndexOf(".")));
  return new Map(
    [...tensors].filter(
      ([name, { dtype }]) => isOwned(name) && dtype.includes("float") && !buffers.test(name),
    ),
  );
}
