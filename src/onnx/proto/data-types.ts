import type { DType } from "../graph.ts";
import { TensorProto_DataType } from "./generated/onnx-ml_pb.js";

const codes = {
  float32: TensorProto_DataType.FLOAT,
  float64: TensorProto_DataType.DOUBLE,
  float16: TensorProto_DataType.FLOAT16,
  bfloat16: TensorProto_DataType.BFLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  uint8: TensorProto_DataType.UINT8,
  bool: TensorProto_DataType.BOOL,
} as const satisfies Record<DType, TensorProto_DataType>;

const dtypes = new Map<number, DType>(
  (Object.keys(codes) as DType[]).map((dtype) => [codes[dtype], dtype] as const),
);

export function codeOfDType(dtype: DType): TensorProto_DataType {
  return codes[dtype];
}

/** Undefined for an element type that the IR does not have. */
export function dtypeOfCode(code: number): DType | undefined {
  return dtypes.get(code);
}

/** `INT8`, as ONNX calls it; for messages. */
export function nameOfCode(code: number): string {
  return TensorProto_DataType[code] ?? `type ${code}`;
}
