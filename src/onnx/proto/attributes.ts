import { create } from "@bufbuild/protobuf";
import { OnnxError } from "../errors.ts";
import type { Attribute } from "../graph.ts";
import { decodeTensor, type TensorSource } from "./decode-tensor.ts";
import { encodeTensor } from "./encode-tensor.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type GraphProto,
} from "./generated/onnx-ml_pb.js";

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

type PlainAttribute = Exclude<Attribute, { readonly type: "graph" }>;

export function encodeAttribute(name: string, attribute: PlainAttribute): AttributeProto {
  return create(AttributeProtoSchema, { name, ...fields(attribute) });
}

export function encodeGraphAttribute(name: string, g: GraphProto): AttributeProto {
  return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g });
}

function fields(attribute: PlainAttribute) {
  switch (attribute.type) {
    case "int":
      return { type: AttributeType.INT, i: BigInt(attribute.value) };
    case "float":
      return { type: AttributeType.FLOAT, f: attribute.value };
    case "string":
      return { type: AttributeType.STRING, s: utf8.encode.encode(attribute.value) };
    case "ints":
      return { type: AttributeType.INTS, ints: attribute.value.map(BigInt) };
    case "floats":
      return { type: AttributeType.FLOATS, floats: [...attribute.value] };
    case "strings":
      return {
        type: AttributeType.STRINGS,
        strings: attribute.value.map((text) => utf8.encode.encode(text)),
      };
    case "tensor":
      return { type: AttributeType.TENSOR, t: encodeTensor("", attribute.value) };
  }
}

type Decoder = (proto: AttributeProto, source: TensorSource) => Attribute;

/** One row per kind that the IR holds. */
const decoders: Partial<Record<AttributeType, Decoder>> = {
  [AttributeType.INT]: (proto, source) => ({ type: "int", value: integer(proto.i, source) }),
  [AttributeType.FLOAT]: (proto) => ({ type: "float", value: proto.f }),
  [AttributeType.STRING]: (proto) => ({ type: "string", value: utf8.decode.decode(proto.s) }),
  [AttributeType.INTS]: (proto, source) => ({
    type: "ints",
    value: proto.ints.map((value) => integer(value, source)),
  }),
  [AttributeType.FLOATS]: (proto) => ({ type: "floats", value: proto.floats }),
  [AttributeType.STRINGS]: (proto) => ({
    type: "strings",
    value: proto.strings.map((bytes) => utf8.decode.decode(bytes)),
  }),
  [AttributeType.TENSOR]: (proto, source) => {
    if (!proto.t) throw new OnnxError("ONNX_BAD_FILE", "a tensor attribute without a tensor", at(source));
    return { type: "tensor", value: decodeTensor(proto.t, source) };
  },
};

/**
 * @param source  where the attribute stands, for messages, and where external bytes come from
 * @throws {OnnxError} ONNX_UNSUPPORTED for graphs, sparse tensors, lists of tensors and types
 */
export function decodeAttribute(proto: AttributeProto, source: TensorSource): Attribute {
  const here = { ...source, where: `attribute '${proto.name}' of ${source.where}` };
  const decoder = decoders[proto.type];
  if (decoder && proto.refAttrName === "") return decoder(proto, here);
  throw new OnnxError(
    "ONNX_UNSUPPORTED",
    `attributes of kind ${AttributeType[proto.type] ?? proto.type} are not supported`,
    {
      where: here.where,
      fix: "export the model without control flow (If, Loop, Scan), sequences, sparse tensors and model-local functions",
    },
  );
}

function integer(value: bigint, source: TensorSource): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new OnnxError("ONNX_UNSUPPORTED", `the integer ${value} is beyond 2^53`, {
    ...at(source),
    fix: "export the model with a smaller number there",
  });
}

function at(source: TensorSource) {
  return { where: source.where };
}
