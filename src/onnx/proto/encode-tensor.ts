import { create } from "@bufbuild/protobuf";
import type { Tensor } from "../graph.ts";
import { bytesOf } from "../tensor-bytes.ts";
import { codeOfDType } from "./data-types.ts";
import {
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "./generated/onnx-ml_pb.js";

/** A tensor with its bytes inside the message. */
export function encodeTensor(name: string, tensor: Tensor): TensorProto {
  return create(TensorProtoSchema, { ...head(name, tensor), rawData: bytesOf(tensor) });
}

/** A tensor whose bytes lie in a file beside the model. */
export function encodeExternalTensor(
  name: string,
  tensor: Tensor,
  place: { readonly location: string; readonly offset: number },
): TensorProto {
  const entries = [
    ["location", place.location],
    ["offset", String(place.offset)],
    ["length", String(tensor.data.byteLength)],
  ] as const;
  return create(TensorProtoSchema, {
    ...head(name, tensor),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: entries.map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
}

function head(name: string, tensor: Tensor) {
  return { name, dataType: codeOfDType(tensor.dtype), dims: tensor.shape.map(BigInt) };
}
