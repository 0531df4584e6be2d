import type { DType } from "../graph.ts";
import { dtypeCode, dtypeOfCode as dtypes } from "../ops/op-info.ts";
import { TensorProto_DataType } from "./generated/onnx-ml_pb.js";

export function codeOfDType(dtype: DType): TensorProto_DataType {
  return dtypeCode(dtype);
}

/** Undefined for an element type that the IR does not have. */
export function dtypeOfCode(code: number): DType | undefined {
  return dtypes[code];
}

/** `INT8`, as ONNX calls it; for messages. */
export function nameOfCode(code: number): string {
  return TensorProto_DataType[code] ?? `type ${code}`;
}
