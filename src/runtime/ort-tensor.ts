import type { Tensor as OrtTensorType } from "onnxruntime-node";
import type { DType, Tensor, TensorData } from "../onnx/index.ts";
import { OrtError } from "./errors.ts";
import { ort } from "./ort.ts";

/** What JavaScript tensors of ONNX Runtime can hold: all of the IR's but bfloat16. */
export type OrtDType = Exclude<DType, "bfloat16">;

const ortDTypes = new Set<string>([
  "float32",
  "float64",
  "float16",
  "int64",
  "int32",
  "uint8",
  "bool",
] satisfies OrtDType[]);

export function isOrtDType(dtype: string): dtype is OrtDType {
  return ortDTypes.has(dtype);
}

/** @throws {OrtError} RUNTIME_UNSUPPORTED_DTYPE for bfloat16 and what the IR does not have */
export function requireOrtDType(dtype: string, where: string): OrtDType {
  if (isOrtDType(dtype)) return dtype;
  throw new OrtError("RUNTIME_UNSUPPORTED_DTYPE", `${dtype} cannot pass between Node and ONNX Runtime`, {
    where,
    fix: "put a Cast to float32 at that edge of the graph",
  });
}

/** Wraps a tensor without copying; only shared memory, which ONNX Runtime refuses, is copied. */
export function toOrt(tensor: Tensor, where: string): OrtTensorType {
  const data = tensor.data.buffer instanceof SharedArrayBuffer ? tensor.data.slice() : tensor.data;
  return new ort.Tensor(requireOrtDType(tensor.dtype, where), data, tensor.shape);
}

/** The result owns its memory. float16 comes as its 16 bits, on every version of Node. */
export function fromOrt(value: OrtTensorType, where: string): Tensor {
  const dtype = requireOrtDType(value.type, where);
  const data = value.data as TensorData;
  const bits = dtype === "float16" ? new Uint16Array(data.buffer, data.byteOffset, data.length) : data;
  return { dtype, shape: [...value.dims], data: bits };
}
