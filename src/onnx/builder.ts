import { OnnxError } from "./errors.ts";
import type { Attribute, DType, Graph, Node, Tensor, TensorType, ValueInfo } from "./graph.ts";
import { float32Tensor, freezeGraph, int64Tensor } from "./graph.ts";
import { type HalfDType, halfTensor } from "./half-precision.ts";
import { inferNode, inferTypes } from "./infer-types.ts";
import { dtypeCode, type OpInfo } from "./ops/op-info.ts";
import { type AttributesOf, type OpType, ops } from "./ops.ts";
import { eliminateDeadCode } from "./passes/eliminate-dead-code.ts";

type FloatDType = "float32" | "float64" | HalfDType;

const isFloat = (dtype: DType): dtype is FloatDType => dtype.includes("float");

export interface NodeOptions {
  /** Name of the (first) output, and of the node. Made from the op and a number where absent. */
  readonly name?: string;
  /** Number of outputs of {@link GraphBuilder.ops}. */
  readonly outputs?: number;
}

/**
 * Builds a graph node by node and types every value as it goes. Values are named by strings.
 *
 *     const b = new GraphBuilder("linear");
 *     const x = b.input("x", "float32", [4, 8]);
 *     b.output(b.op("Gemm", [x, b.initializer("weight", w)], { transB: 1 }), "y");
 *     const graph = b.build();
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: Node[] = [];
  readonly #initializers = new Map<string, Tensor>();
  readonly #types = new Map<string, TensorType>();
  readonly #constants = new Map<string, string>();
  readonly #reserved = new Set<string>();
  #counter = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /**
   * A builder that goes on from a graph; the graph itself is not changed. Its outputs are kept unless `dropOutputs`.
   * With `dropNodes` it starts from the inputs and initializers alone, and `fresh` leaves the nodes' names free for
   * them: they are added again, changed or not.
   */
  static from(
    graph: Graph,
    options: { readonly dropOutputs?: boolean; readonly dropNodes?: boolean } = {},
  ): GraphBuilder {
    const builder = new GraphBuilder(graph.name);
    const nodes = options.dropNodes ? [] : graph.nodes;
    builder.#inputs.push(...graph.inputs);
    builder.#nodes.push(...nodes);
    if (!options.dropOutputs) builder.#outputs.push(...graph.outputs);
    for (const [name, tensor] of graph.initializers) builder.#initializers.set(name, tensor);
    for (const [name, type] of inferTypes({ ...graph, nodes })) builder.#types.set(name, type);
    if (options.dropNodes) builder.reserve(graph.nodes.flatMap((node) => node.outputs));
    return builder;
  }

  /** Keeps `fresh` off names that are to be defined later. */
  reserve(names: readonly string[]): void {
    for (const name of names) this.#reserved.add(name);
  }

  /** Nodes so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes;
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  type(name: string): TensorType {
    const type = this.#types.get(name);
    if (type) return type;
    throw new OnnxError("ONNX_UNDEFINED_VALUE", `the graph '${this.#name}' has no value '${name}'`, {
      fix: "use a name returned by this builder",
    });
  }

  shape(name: string): readonly number[] {
    return this.type(name).shape;
  }

  /** The value of an initializer, or undefined for anything else. */
  constantValue(name: string): Tensor | undefined {
    return this.#initializers.get(name);
  }

  input(name: string, dtype: DType, shape: readonly number[]): string {
    this.#define(name, { dtype, shape });
    this.#inputs.push({ name, dtype, shape });
    return name;
  }

  initializer(name: string, tensor: Tensor): string {
    this.#define(name, tensor);
    this.#initializers.set(name, tensor);
    return name;
  }

  /** Puts another value in place of an initializer's. */
  replaceInitializer(name: string, tensor: Tensor): void {
    this.#initializers.set(name, tensor);
    this.#types.set(name, { dtype: tensor.dtype, shape: tensor.shape });
  }

  /** An unnamed constant; equal ones are stored once. */
  constant(tensor: Tensor): string {
    const bytes = Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
    const key = `${tensor.dtype}[${tensor.shape.join()}]${bytes.toString("base64")}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(this.fresh("constant"), tensor);
    this.#constants.set(key, name);
    return name;
  }

  /** A float scalar. */
  scalar(value: number, dtype: FloatDType = "float32"): string {
    const single = float32Tensor([], [value]);
    if (dtype === "float64") return this.constant({ dtype, shape: [], data: Float64Array.of(value) });
    return this.constant(dtype === "float32" ? single : halfTensor(single, dtype));
  }

  /** A float scalar of the same element type as `value`. */
  scalarLike(value: string, number: number): string {
    const { dtype } = this.type(value);
    return this.scalar(number, isFloat(dtype) ? dtype : "float32");
  }

  /** A constant int64 vector. */
  integers(values: readonly number[]): string {
    return this.constant(int64Tensor(values));
  }

  /** Adds a node with one output and returns the output's name. */
  op<Op extends OpType>(
    op: Op,
    inputs: readonly string[],
    attributes?: AttributesOf<Op>,
    options: NodeOptions = {},
  ): string {
    return this.ops(op, inputs, attributes, { ...options, outputs: 1 })[0] as string;
  }

  /** Adds a node with several outputs and returns their names. */
  ops<Op extends OpType>(
    op: Op,
    inputs: readonly string[],
    attributes?: AttributesOf<Op>,
    options: NodeOptions = {},
  ): readonly string[] {
    const name = options.name ?? this.fresh(op);
    const count = options.outputs ?? 1;
    const outputs = Array.from({ length: count }, (_, index) => (index === 0 ? name : `${name}:${index}`));
    this.addNode({ op, domain: "", name, inputs, outputs, attributes: typedAttributes(op, attributes) });
    return outputs;
  }

  /** Adds a whole node, typing its outputs. */
  addNode(node: Node): void {
    const types = inferNode(node, {
      typeOf: (value) => this.#types.get(value),
      constantOf: (value) => this.#initializers.get(value),
    });
    node.outputs.forEach((output, index) => {
      if (output !== "") this.#define(output, types[index] as TensorType);
    });
    this.#nodes.push(node);
  }

  reshape(value: string, shape: readonly number[]): string {
    return this.shape(value).join() === shape.join()
      ? value
      : this.op("Reshape", [value, this.integers(shape)]);
  }

  transpose(value: string, perm: readonly number[]): string {
    return perm.every((axis, index) => axis === index) ? value : this.op("Transpose", [value], { perm });
  }

  cast(value: string, dtype: DType): string {
    return this.type(value).dtype === dtype ? value : this.op("Cast", [value], { to: dtypeCode(dtype) });
  }

  /** Declares a value as a graph output, under another name if one is given. */
  output(value: string, name: string = value): string {
    const result = name === value ? value : this.op("Identity", [value], undefined, { name });
    this.#outputs.push({ name: result, ...this.#bareType(result) });
    return result;
  }

  /** The finished, frozen graph, without nodes and initializers that no output needs. */
  build(): Graph {
    return eliminateDeadCode(
      freezeGraph({
        name: this.#name,
        inputs: [...this.#inputs],
        outputs: [...this.#outputs],
        nodes: [...this.#nodes],
        initializers: new Map(this.#initializers),
      }),
    );
  }

  /** A name neither used nor reserved. */
  fresh(stem: string): string {
    for (;;) {
      const name = `${stem}_${this.#counter++}`;
      if (!this.#types.has(name) && !this.#reserved.has(name)) return name;
    }
  }

  #bareType(name: string): TensorType {
    const { dtype, shape } = this.type(name);
    return { dtype, shape };
  }

  #define(name: string, type: TensorType): void {
    if (this.#types.has(name)) {
      throw new OnnxError("ONNX_DUPLICATE_NAME", `'${name}' is defined twice in the graph '${this.#name}'`, {
        fix: "give the second value another name",
      });
    }
    this.#types.set(name, { dtype: type.dtype, shape: type.shape });
  }
}

function typedAttributes(op: OpType, values: object = {}): Record<string, Attribute> {
  const kinds = (ops[op] as OpInfo).attributes ?? {};
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { type: kinds[name], value } as Attribute]),
  );
}
