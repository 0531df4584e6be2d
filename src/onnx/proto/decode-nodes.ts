import { clone } from "@bufbuild/protobuf";
import { OnnxError } from "../errors.ts";
import type { Graph, Node, Tensor, TensorType, ValueInfo } from "../graph.ts";
import { inferTypes } from "../infer-types.ts";
import { foldShapes } from "../passes/fold-constants.ts";
import { decodeAttribute } from "./attributes.ts";
import { constantTensor } from "./constant-tensor.ts";
import { flattenIf, flattenLoop, flattenScan } from "./control-flow.ts";
import { decodeTensor, type TensorSource } from "./decode-tensor.ts";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  type NodeProto,
  NodeProtoSchema,
} from "./generated/onnx-ml_pb.js";
import { describeProto, plainDomain, Scope } from "./scope.ts";
import { upgradeNode } from "./upgrade-node.ts";

/** What a node's messages need to be read. */
export type DecodeSource = Pick<TensorSource, "externalData">;

/** Unrolled loops may not grow beyond this; a graph of a large model has some ten thousand nodes. */
const MOST_NODES = 50_000;

export interface DecodeNodesOptions {
  readonly inputs: readonly ValueInfo[];
  readonly opset: number;
  readonly functions: readonly FunctionProto[];
  readonly source: DecodeSource;
}

/**
 * Reads nodes into one flat list: calls of functions that the model defines are inlined, an If with a constant condition becomes
 * its branch, Scan and Loop with a known number of rounds are unrolled. Constant nodes become initializers.
 */
export class NodeDecoder {
  readonly nodes: Node[] = [];
  readonly initializers: Map<string, Tensor>;
  readonly opset: number;
  readonly source: DecodeSource;
  readonly #inputs: readonly ValueInfo[];
  readonly #functions: ReadonlyMap<string, FunctionProto>;
  readonly #taken: Set<string>;

  constructor(initializers: Map<string, Tensor>, proto: GraphProto, options: DecodeNodesOptions) {
    this.initializers = initializers;
    this.opset = options.opset;
    this.source = options.source;
    this.#inputs = options.inputs;
    this.#functions = new Map(options.functions.map((one) => [functionKey(one.domain, one.name), one]));
    this.#taken = new Set([...initializers.keys(), ...proto.input.map(({ name }) => name)]);
    for (const { output } of proto.node) for (const name of output) this.#taken.add(name);
  }

  /** A name that nothing has yet. */
  fresh(stem: string): string {
    let name = stem;
    for (let number = 1; this.#taken.has(name); number++) name = `${stem}.${number}`;
    this.#taken.add(name);
    return name;
  }

  /** Adds the nodes of the model's own graph: their values keep their names. */
  addMain(protos: readonly NodeProto[]): void {
    const scope = new Scope(null);
    for (const proto of protos) {
      for (const name of proto.output) if (name !== "") scope.set(name, name);
      this.#add(proto, scope);
    }
  }

  /**
   * Adds the nodes of a body; its values get names of their own, but for those that the scope has already.
   *
   * @param passes  pairs of a value of the body and the flat name that it shall have, where no node of the body makes it
   */
  addBody(body: Pick<GraphProto, "node" | "initializer">, scope: Scope): void {
    for (const tensor of body.initializer) {
      const name = this.fresh(tensor.name);
      scope.set(tensor.name, name);
      this.initializers.set(
        name,
        decodeTensor(tensor, { ...this.source, where: `initializer '${tensor.name}'` }),
      );
    }
    for (const proto of body.node) {
      for (const name of proto.output) if (name !== "" && !scope.has(name)) scope.set(name, this.fresh(name));
      this.#add(proto, scope);
    }
  }

  /** Gives a value another name. */
  rename(value: string, name: string): void {
    this.push({ op: "Identity", domain: "", name, inputs: [value], outputs: [name], attributes: {} });
  }

  push(node: Node): void {
    if (this.nodes.length >= MOST_NODES) {
      throw new OnnxError("ONNX_UNSUPPORTED", `unrolled, the model has more than ${MOST_NODES} nodes`, {
        where: `${node.op} '${node.name}'`,
        fix: "export the model with fewer rounds of its loop",
      });
    }
    this.nodes.push(node);
  }

  /** What is known of the nodes so far: types, and the values of those that follow from constants. */
  known(): {
    readonly types: ReadonlyMap<string, TensorType>;
    readonly constants: ReadonlyMap<string, Tensor>;
  } {
    const { nodes, initializers } = this;
    const graph: Graph = { name: "", inputs: this.#inputs, outputs: [], nodes, initializers };
    const folded = foldShapes(graph);
    return { types: inferTypes(folded), constants: folded.initializers };
  }

  #add(proto: NodeProto, scope: Scope): void {
    const domain = plainDomain(proto.domain);
    const definition = this.#functions.get(functionKey(domain, proto.opType));
    if (definition) this.#inline(proto, definition, scope);
    else if (domain === "" && proto.opType === "If") flattenIf(this, proto, scope);
    else if (domain === "" && proto.opType === "Scan") flattenScan(this, proto, scope);
    else if (domain === "" && proto.opType === "Loop") flattenLoop(this, proto, scope);
    else this.#addPlain(proto, scope);
  }

  #addPlain(proto: NodeProto, scope: Scope): void {
    const resolve = (name: string) => scope.resolve(name);
    const source = { ...this.source, where: describeProto(proto) };
    const attributes = proto.attribute.map((one) => [one.name, decodeAttribute(one, source)]);
    const node: Node = {
      op: proto.opType,
      domain: plainDomain(proto.domain),
      name: proto.name,
      inputs: proto.input.map(resolve),
      outputs: proto.output.map(resolve),
      attributes: Object.fromEntries(attributes),
    };
    const constant = constantTensor(node);
    if (constant) {
      this.initializers.set(node.outputs[0] ?? "", constant);
      return;
    }
    const upgraded = upgradeNode(node, this.opset, (stem) => this.fresh(stem));
    for (const [name, tensor] of upgraded.initializers) this.initializers.set(name, tensor);
    this.push(upgraded.node);
  }

  /** A function sees its inputs and its attributes, nothing of the graph around it. */
  #inline(call: NodeProto, definition: FunctionProto, scope: Scope): void {
    const inner = new Scope(null);
    for (const [index, name] of definition.input.entries())
      inner.set(name, scope.resolve(call.input[index] ?? ""));
    const outputs = definition.output.map(
      (name, index) => [name, scope.resolve(call.output[index] ?? "")] as const,
    );
    const passed = outputs.filter(([name]) => inner.has(name));
    for (const [name, flat] of outputs) if (!inner.has(name) && flat !== "") inner.set(name, flat);
    const node = definition.node.map((one) => withAttributes(one, call, definition));
    this.addBody({ node, initializer: [] }, inner);
    for (const [name, flat] of passed) if (flat !== "") this.rename(inner.resolve(name), flat);
  }
}

function functionKey(domain: string, name: string): string {
  return `${plainDomain(domain)}:${name}`;
}

/** A function's node for one call: attributes that refer to the function's own take the call's value, or the default. */
function withAttributes(node: NodeProto, call: NodeProto, definition: FunctionProto): NodeProto {
  const copy = clone(NodeProtoSchema, node);
  copy.attribute = copy.attribute.flatMap((attribute) => {
    if (attribute.refAttrName === "") return [attribute];
    const isMeant = ({ name }: AttributeProto) => name === attribute.refAttrName;
    const value = call.attribute.find(isMeant) ?? definition.attributeProto.find(isMeant);
    if (!value) return [];
    const given = clone(AttributeProtoSchema, value);
    given.name = attribute.name;
    return [given];
  });
  return copy;
}
