import { OnnxError } from "../errors.ts";
import type { DType, Tensor, TensorData } from "../graph.ts";
import { elementCount } from "../shapes.ts";
import { dataFromBytes, elementBytes } from "../tensor-bytes.ts";
import { dtypeOfCode, nameOfCode } from "./data-types.ts";
import { type TensorProto, TensorProto_DataLocation } from "./generated/onnx-ml_pb.js";

/** Where a tensor stands, for messages, and where the bytes of external tensors come from. */
export interface TensorSource {
  readonly where: string;
  readonly externalData?: ((location: string) => Uint8Array) | undefined;
}

/**
 * A tensor from its message: raw bytes, typed fields or external data. Raw and external bytes stay views where
 * they are aligned.
 *
 * @throws {OnnxError} ONNX_UNSUPPORTED for an element type the IR does not have; ONNX_BAD_FILE where data and
 *   shape do not match or external bytes are missing
 */
export function decodeTensor(proto: TensorProto, source: TensorSource): Tensor {
  const dtype = dtypeOfCode(proto.dataType);
  if (dtype === undefined) {
    throw new OnnxError("ONNX_UNSUPPORTED", `element type ${nameOfCode(proto.dataType)} is not supported`, {
      where: source.where,
      fix: "export the model in float32, without quantization",
    });
  }
  const shape = proto.dims.map(Number);
  const data = readData(proto, dtype, source);
  const expected = elementCount(shape);
  if (shape.some((size) => size < 0) || data.length !== expected) {
    throw new OnnxError(
      "ONNX_BAD_FILE",
      `${dtype}[${shape.join(", ")}] needs ${expected} elements, the file has ${data.length}`,
      { where: source.where, fix: "export the model again; this file is damaged" },
    );
  }
  return { dtype, shape, data };
}

function readData(proto: TensorProto, dtype: DType, source: TensorSource): TensorData {
  if (proto.dataLocation === TensorProto_DataLocation.EXTERNAL) {
    return fromRaw(dtype, externalBytes(proto, source), source);
  }
  if (proto.rawData.byteLength > 0) return fromRaw(dtype, proto.rawData, source);
  return typedFields[dtype](proto);
}

function fromRaw(dtype: DType, bytes: Uint8Array, source: TensorSource): TensorData {
  if (bytes.byteLength % elementBytes(dtype) === 0) return dataFromBytes(dtype, bytes);
  throw new OnnxError("ONNX_BAD_FILE", `${bytes.byteLength} bytes are no whole number of ${dtype}`, {
    where: source.where,
    fix: "export the model again; this file is damaged",
  });
}

/** Which field holds which element type when the bytes are not raw (onnx-ml.proto, TensorProto). */
const typedFields: Record<DType, (proto: TensorProto) => TensorData> = {
  float32: (proto) => Float32Array.from(proto.floatData),
  float64: (proto) => Float64Array.from(proto.doubleData),
  float16: (proto) => Uint16Array.from(proto.int32Data),
  bfloat16: (proto) => Uint16Array.from(proto.int32Data),
  int64: (proto) => BigInt64Array.from(proto.int64Data),
  int32: (proto) => Int32Array.from(proto.int32Data),
  uint8: (proto) => Uint8Array.from(proto.int32Data),
  bool: (proto) => Uint8Array.from(proto.int32Data, (value) => (value === 0 ? 0 : 1)),
};

function externalBytes(proto: TensorProto, source: TensorSource): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get("location") ?? "";
  if (!source.externalData) {
    throw new OnnxError(
      "ONNX_BAD_FILE",
      `the data lies in another file, '${location}', which was not given`,
      {
        where: source.where,
        fix: `keep '${location}' beside the model`,
      },
    );
  }
  const file = source.externalData(location);
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? file.byteLength - offset);
  if (isPlace(offset) && isPlace(length) && offset + length <= file.byteLength) {
    return file.subarray(offset, offset + length);
  }
  throw new OnnxError(
    "ONNX_BAD_FILE",
    `bytes ${offset} to ${offset + length} were asked for, '${location}' has ${file.byteLength}`,
    { where: source.where, fix: `copy '${location}' again; it is cut short or belongs to another model` },
  );
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
