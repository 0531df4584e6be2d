import type { HalfDType } from "../onnx/index.ts";
import { type Device, OrtError } from "../runtime/index.ts";

/** Values of `training.mixed_precision`; true means auto, false no. */
export const mixedPrecisions = ["no", "fp16", "bf16", "auto"] as const;
export type MixedPrecision = boolean | (typeof mixedPrecisions)[number];

export interface PrecisionChoice {
  readonly precision: "float32" | HalfDType;
  /** A sentence for the user, where the choice is not what was asked for. */
  readonly note: string | null;
}

/**
 * In what a device computes the products of a training step. A CPU gains nothing from half precision: there it is float32
 * unless float16 is forced, as a test of the same graph.
 *
 * @throws {OrtError} RUNTIME_UNSUPPORTED_DTYPE for bfloat16 forced on the CPU, which has no kernels for it
 */
export function choosePrecision(
  setting: MixedPrecision,
  { device, forced }: { readonly device: Device; readonly forced: boolean },
): PrecisionChoice {
  if (setting === false || setting === "no") return { precision: "float32", note: null };
  const wanted = setting === "bf16" ? "bfloat16" : "float16";
  if (device === "cuda") return { precision: wanted, note: null };
  if (!forced) {
    const note = `training.mixed_precision=${setting}: the CPU gains nothing from half precision, so this run uses float32`;
    return { precision: "float32", note };
  }
  if (wanted === "float16") return { precision: wanted, note: null };
  throw new OrtError("RUNTIME_UNSUPPORTED_DTYPE", "the CPU has no kernels for bfloat16", {
    where: "training.mixed_precision=bf16 with runtime.force_mixed_precision=true",
    fix: "type training.mixed_precision=fp16, or runtime.force_mixed_precision=false to run in float32",
  });
}
