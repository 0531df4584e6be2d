import { OPSET_VERSION } from "../graph.ts";

/** The IR version that came with opset 20 (onnx 1.15). */
export const IR_VERSION = 9n;

/** The oldest opset read: since 13 Softmax means one axis, and ReduceSum and Squeeze take axes as an input. */
export const OLDEST_OPSET = 13;

/** The newest opset read: 21 and 22 only add element types to the ops of 20, but for {@link changedSince}. */
export const NEWEST_OPSET = 22;

/** Ops that mean something else at {@link OPSET_VERSION} than in a model whose opset is below (or from) the number. */
const changed: Readonly<Record<string, { readonly below?: number; readonly from?: number }>> = {
  DFT: { below: 20 },
  GridSample: { below: 20 },
  GroupNormalization: { from: 21 },
};

/** Whether an op of a model with this opset may not be read as the op of {@link OPSET_VERSION}. */
export function changedSince(op: string, opset: number): boolean {
  const { below = 0, from = Number.POSITIVE_INFINITY } = changed[op] ?? {};
  return opset < below || opset >= from;
}

const versions: Readonly<Record<string, number>> = { "": OPSET_VERSION, "com.microsoft": 1, "ai.onnx.ml": 5 };

/** The version to declare for a domain; custom domains count from 1. */
export function opsetOfDomain(domain: string): number {
  return versions[domain] ?? 1;
}
