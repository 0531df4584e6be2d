import { TtmError } from "../core/index.ts";
import type { TensorType } from "./graph.ts";

export type OnnxErrorCode =
  | "ONNX_BAD_FILE"
  | "ONNX_BAD_NODE"
  | "ONNX_DUPLICATE_NAME"
  | "ONNX_SYMBOLIC_SHAPE"
  | "ONNX_UNDEFINED_VALUE"
  | "ONNX_UNKNOWN_OP"
  | "ONNX_UNSUPPORTED"
  | "SAFETENSORS_BAD_FILE"
  | "SAFETENSORS_NOT_FOUND";

/** A fault in a graph or in a file of weights: the node with the types of its inputs, or the file and tensor. */
export class OnnxError extends TtmError<OnnxErrorCode> {}

/** `Gemm 'head' (float32[448, 1024], float32[96, 512], –)`: a node as errors show it. */
export function describeNode(op: string, name: string, inputs: readonly (TensorType | undefined)[]): string {
  const types = inputs.map((value) => (value ? `${value.dtype}[${value.shape.join(", ")}]` : "–"));
  return `${op} '${name}' (${types.join(", ")})`;
}
