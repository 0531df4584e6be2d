/** How a new weight is filled. */
export type Initial =
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly deviation: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "sincos" };

/** A stored tensor of a module: a parameter, or a buffer. */
export interface ParameterSpec {
  readonly name: string;
  readonly dtype: "float32" | "int64";
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** A torch module: a linear layer, another one with weights, or a mere place in the tree. */
export interface ModuleSpec {
  readonly path: string;
  readonly linear: { readonly inFeatures: number; readonly outFeatures: number } | null;
  readonly parameters: readonly ParameterSpec[];
}
