import { fromBinary } from "@bufbuild/protobuf";
import { OnnxError } from "../errors.ts";
import { freezeGraph, type Graph, OPSET_VERSION, type Tensor, type ValueInfo } from "../graph.ts";
import { inferTypes } from "../infer-types.ts";
import { foldShapes } from "../passes/fold-constants.ts";
import { NodeDecoder } from "./decode-nodes.ts";
import { decodeTensor } from "./decode-tensor.ts";
import { type DeclaredValue, decodeValueInfo, requireStatic } from "./decode-value-info.ts";
import { type GraphProto, type ModelProto, ModelProtoSchema } from "./generated/onnx-ml_pb.js";
import { NEWEST_OPSET, OLDEST_OPSET } from "./opsets.ts";
import { plainDomain } from "./scope.ts";

export interface DecodeModelOptions {
  /** The bytes of a file of external data, by its location as the model names it. */
  readonly externalData?: (location: string) => Uint8Array;
  /** Sizes of symbolic dimensions by name (`batch`), or by place (`x[0]`) for those without a name. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/**
 * A graph from the bytes of an `.onnx` file of opset 13 to 22, rewritten to the IR's opset. Constant nodes become
 * initializers; functions are inlined, an If with a constant condition becomes its branch, Scan and Loop of a known number of
 * rounds are unrolled; documentation, metadata and inner value types are left out. Weights stay views on `bytes` where they
 * lie aligned.
 *
 * Outputs that the file leaves symbolic get the shape that inference finds.
 *
 * @throws {OnnxError} ONNX_BAD_FILE if the bytes are no ONNX model or contradict themselves; ONNX_UNSUPPORTED
 *   for what the IR cannot hold (other control flow, sequences, sparse tensors, other element types, other opsets), naming the
 *   node; ONNX_SYMBOLIC_SHAPE naming the dimensions that need a size
 */
export function decodeModel(bytes: Uint8Array, options: DecodeModelOptions = {}): Graph {
  const model = parse(bytes);
  const proto = model.graph;
  if (!proto) {
    throw new OnnxError("ONNX_BAD_FILE", "these bytes hold no ONNX graph", {
      fix: "give an .onnx file as an exporter writes it",
    });
  }
  const opset = checkedOpset(model);
  const initializers = decodeInitializers(proto, options);
  const dimensions = options.dimensions ?? {};
  const inputs = proto.input
    .filter((value) => !initializers.has(value.name)) // files before IR version 4 list weights as inputs too
    .map((value) => decodeValueInfo(value, "input", dimensions));
  const known = requireStatic(inputs, "input");
  const decoder = new NodeDecoder(initializers, proto, {
    inputs: known,
    opset,
    functions: model.functions,
    source: { externalData: options.externalData },
  });
  decoder.addMain(proto.node);
  const graph: Graph = {
    name: proto.name,
    inputs: known,
    outputs: [],
    nodes: decoder.nodes,
    initializers,
  };
  const outputs = proto.output.map((value) => decodeValueInfo(value, "output", dimensions));
  return freezeGraph({ ...graph, outputs: typedOutputs(graph, outputs) });
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    throw new OnnxError("ONNX_BAD_FILE", "these bytes are no ONNX model", {
      fix: "give an .onnx file as an exporter writes it; a Git LFS pointer must be pulled first",
      cause,
    });
  }
}

function checkedOpset(model: ModelProto): number {
  const own = model.opsetImport.find(({ domain }) => plainDomain(domain) === "");
  const opset = own === undefined ? OPSET_VERSION : Number(own.version);
  if (opset >= OLDEST_OPSET && opset <= NEWEST_OPSET) return opset;
  throw new OnnxError(
    "ONNX_UNSUPPORTED",
    `the model's opset is ${opset}; ${OLDEST_OPSET} to ${NEWEST_OPSET} can be read`,
    { where: `graph '${model.graph?.name}'`, fix: `export the model with opset_version=${OPSET_VERSION}` },
  );
}

function decodeInitializers(proto: GraphProto, options: DecodeModelOptions): Map<string, Tensor> {
  const sparse = proto.sparseInitializer[0];
  if (sparse) {
    throw new OnnxError("ONNX_UNSUPPORTED", "sparse initializers are not supported", {
      where: `initializer '${sparse.values?.name}'`,
      fix: "export the model with dense weights",
    });
  }
  return new Map(
    proto.initializer.map((tensor) => [
      tensor.name,
      decodeTensor(tensor, { where: `initializer '${tensor.name}'`, externalData: options.externalData }),
    ]),
  );
}

function typedOutputs(graph: Graph, declared: readonly DeclaredValue[]): readonly ValueInfo[] {
  if (declared.every((value) => value.hasShape && value.unknown.length === 0)) {
    return requireStatic(declared, "output");
  }
  const types = inferTypes(foldShapes(graph));
  const outputs = declared.map((value) => {
    const type = types.get(value.name);
    return type ? { ...value, shape: type.shape, unknown: [], hasShape: true } : value;
  });
  return requireStatic(outputs, "output");
}
