import { create, toBinary } from "@bufbuild/protobuf";
import type { Attribute, Graph, Node, Tensor, ValueInfo } from "../graph.ts";
import { encodeAttribute, encodeGraphAttribute } from "./attributes.ts";
import { codeOfDType } from "./data-types.ts";
import { encodeExternalTensor, encodeTensor } from "./encode-tensor.ts";
import { ExternalBlob } from "./external-blob.ts";
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./generated/onnx-ml_pb.js";
import { IR_VERSION, opsetOfDomain } from "./opsets.ts";

/** Smaller tensors stay inside: shape inference wants to see shapes and axes, and a file entry costs as much. */
const DEFAULT_EXTERNAL_THRESHOLD_BYTES = 1024;

export interface EncodeModelOptions {
  /** Name of the file of external data. Absent: all weights lie inside the model (which must stay under 2 GB). */
  readonly externalDataName?: string;
  /** Initializers of at least so many bytes go to the external file. */
  readonly externalThreshold?: number;
}

export interface EncodedModel {
  /** An ONNX ModelProto. */
  readonly model: Uint8Array;
  /** The bytes of the file `externalDataName`; absent when nothing went there. */
  readonly externalData?: Uint8Array;
}

/** A graph as the bytes of an `.onnx` file, and of the file of weights beside it where one is asked for. */
export function encodeModel(graph: Graph, options: EncodeModelOptions = {}): EncodedModel {
  const blob = new ExternalBlob();
  const threshold = options.externalThreshold ?? DEFAULT_EXTERNAL_THRESHOLD_BYTES;
  const encodeInitializer = ([name, tensor]: readonly [string, Tensor]) => {
    const location = options.externalDataName;
    const stays = tensor.data.byteLength < threshold || mayBeShape(tensor);
    if (location === undefined || stays) return encodeTensor(name, tensor);
    return encodeExternalTensor(name, tensor, { location, offset: blob.add(tensor) });
  };
  const proto = encodeGraph(graph, encodeInitializer);
  const model = encodeEnvelope(proto, domainsOf(graph));
  const externalData = blob.bytes();
  return externalData ? { model, externalData } : { model };
}

type EncodeInitializer = (entry: readonly [string, Tensor]) => TensorProto;

function encodeGraph(graph: Graph, encodeInitializer: EncodeInitializer): GraphProto {
  return create(GraphProtoSchema, {
    name: graph.name,
    node: graph.nodes.map((node) => encodeNode(node, encodeInitializer)),
    input: graph.inputs.map(encodeValueInfo),
    output: graph.outputs.map(encodeValueInfo),
    initializer: [...graph.initializers].map(encodeInitializer),
  });
}

/** Shapes, axes and the sizes of a Split: the runtime's shape inference reads them and opens no external file. */
function mayBeShape({ dtype, shape }: Tensor): boolean {
  return dtype === "int64" && shape.length <= 1;
}

function encodeEnvelope(graph: GraphProto, domains: readonly string[]): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      producerName: "ttm",
      graph,
      opsetImport: domains.map((domain) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(opsetOfDomain(domain)) }),
      ),
    }),
  );
}

/** ONNX's own domain first: every model declares it, even one without nodes. */
function domainsOf(graph: Graph): string[] {
  return [...new Set(["", ...graph.nodes.map((node) => node.domain)])];
}

function encodeNode(node: Node, encodeInitializer: EncodeInitializer): NodeProto {
  const attributeOf = ([name, value]: [string, Attribute]) =>
    value.type === "graph"
      ? encodeGraphAttribute(name, encodeGraph(value.value, encodeInitializer))
      : encodeAttribute(name, value);
  return create(NodeProtoSchema, {
    name: node.name,
    opType: node.op,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(attributeOf),
  });
}

function encodeValueInfo(value: ValueInfo): ValueInfoProto {
  const dim = value.shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(size) } }),
  );
  const tensor = create(TypeProto_TensorSchema, {
    elemType: codeOfDType(value.dtype),
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, {
    name: value.name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}
