import type { Graph, Tensor } from "./graph.ts";
import { constantOps } from "./ops/constants.ts";
import { controlOps } from "./ops/control.ts";
import { convolutionOps } from "./ops/convolutions.ts";
import { elementwiseOps } from "./ops/elementwise.ts";
import { indexingOps } from "./ops/indexing.ts";
import { layoutOps } from "./ops/layout.ts";
import { normalizationOps } from "./ops/normalizations.ts";
import type { AttributeKind } from "./ops/op-info.ts";
import { productOps } from "./ops/products.ts";
import { recurrentOps } from "./ops/recurrent.ts";
import { reductionOps } from "./ops/reductions.ts";

/**
 * The ops that graphs here are made of, a family a file. A row is what shape inference and the builder need to know;
 * gradients stand in `autodiff/rules`.
 *
 * @see onnx operator schemas, opset 20
 */
export const ops = {
  ...elementwiseOps,
  ...productOps,
  ...reductionOps,
  ...normalizationOps,
  ...layoutOps,
  ...indexingOps,
  ...constantOps,
  ...convolutionOps,
  ...recurrentOps,
  ...controlOps,
} as const;

export type OpType = keyof typeof ops;

interface AttributeValue {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: Tensor;
  readonly graph: Graph;
}

/** The attributes an op takes, as plain values. */
export type AttributesOf<Op extends OpType> = (typeof ops)[Op] extends { readonly attributes: infer A }
  ? { readonly [K in keyof A]?: A[K] extends AttributeKind ? AttributeValue[A[K]] : never }
  : Record<never, never>;

export function isOpType(op: string): op is OpType {
  return Object.hasOwn(ops, op);
}
