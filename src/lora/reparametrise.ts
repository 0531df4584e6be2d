import type { GraphBuilder } from "../onnx/index.ts";
import type { AdapterTarget } from "./plan-adapters.ts";

/**
 * Adds W' = W + s·B·A, scaled by row to the trained magnitudes for DoRA, in the weight's own layout.
 *
 * @returns the value that takes the weight's place, and for DoRA the norms that the gradient takes as constants
 */
export function reparametriseWeight(
  builder: GraphBuilder,
  { module, keys, scale }: AdapterTarget,
): { readonly weight: string; readonly norm?: string } {
  const { weight, transposed, outFeatures } = module;
  const name = (part: string) => ({ name: `${weight}:lora_${part}` });
  // (B·A)ᵀ = Aᵀ·Bᵀ
  const sum = transposed
    ? builder.op("Gemm", [keys.a, keys.b, weight], { alpha: scale, transA: 1, transB: 1 }, name("sum"))
    : builder.op("Gemm", [keys.b, keys.a, weight], { alpha: scale }, name("sum"));
  if (keys.magnitude === undefined) return { weight: sum };
  const axis = transposed ? 0 : 1;
  const squares = builder.op(
    "ReduceSumSquare",
    [sum, builder.integers([axis])],
    { keepdims: 1 },
    name("squares"),
  );
  const norm = builder.op("Sqrt", [squares], undefined, name("norm"));
  const magnitude = builder.op(
    "Reshape",
    [keys.magnitude, builder.integers(transposed ? [1, outFeatures] : [outFeatures, 1])],
    undefined,
    name("magnitude"),
  );
  const factor = builder.op("Div", [magnitude, norm], undefined, name("factor"));
  return { weight: builder.op("Mul", [sum, factor], undefined, name("dora")), norm };
}

/** Adds b' = b + s·bias_B and returns it. */
export function reparametriseBias(builder: GraphBuilder, bias: string, target: AdapterTarget): string {
  const { keys, scale, module } = target;
  const scaled = builder.op("Mul", [keys.bBias ?? "", builder.scalar(scale)], undefined, {
    name: `${module.path}:lora_bias_scaled`,
  });
  return builder.op("Add", [bias, scaled], undefined, { name: `${module.path}:lora_bias` });
}
