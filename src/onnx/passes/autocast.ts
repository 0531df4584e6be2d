import { GraphBuilder } from "../builder.ts";
import type { Graph, Node } from "../graph.ts";
import { type HalfDType, halfTensor } from "../half-precision.ts";

/** Products, where half precision pays: their float inputs are cast down. */
const inHalf: ReadonlySet<string> = new Set(["Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul"]);

/** What only moves, picks or bounds values, and what torch leaves to the type of its input: follows its inputs. */
const follows: ReadonlySet<string> = new Set([
  "Abs",
  "Add",
  "Concat",
  "Dropout",
  "Elu",
  "Expand",
  "Flatten",
  "Gather",
  "GatherElements",
  "GatherND",
  "Gelu",
  "Identity",
  "LeakyRelu",
  "Max",
  "MaxPool",
  "Min",
  "Mul",
  "Neg",
  "Pad",
  "Relu",
  "Reshape",
  "Sigmoid",
  "Slice",
  "Split",
  "Squeeze",
  "Sub",
  "Sum",
  "Tanh",
  "Tile",
  "Transpose",
  "Unsqueeze",
  "Where",
]);

/** Without a kernel for bfloat16 on CUDA, they themselves or what their gradients are made of. */
const notInBrain: ReadonlySet<string> = new Set(["Abs", "Elu", "LeakyRelu", "Max", "MaxPool", "Min", "Pad"]);

export interface AutocastOptions {
  readonly dtype: HalfDType;
  /** Graph inputs that hold weights. What follows from them and from constants alone is computed in float32. */
  readonly weights: ReadonlySet<string>;
}

/**
 * Mixed precision as torch's autocast has it: products of data are computed in half precision, what loses by it (softmax,
 * norms, sums, exp, log, powers, quotients) in float32, and everything else in what its inputs are; a mixture is float32.
 * Inputs and outputs of the graph stay float32, and so do the weights: a weight is cast where it meets data.
 *
 * @see torch.amp, "Autocast Op Reference", CUDA
 */
export function autocast(graph: Graph, { dtype, weights }: AutocastOptions): Graph {
  const b = GraphBuilder.from(graph, { dropOutputs: true, dropNodes: true });
  const casts = new Casts(b, graph, dtype);
  const data = new Set(graph.inputs.map(({ name }) => name).filter((name) => !weights.has(name)));
  for (const node of graph.nodes) {
    const ofData = node.inputs.some((name) => data.has(name));
    if (ofData) for (const name of node.outputs) data.add(name);
    casts.add(node, ofData ? inputType(node, casts, dtype) : "float32");
  }
  for (const { name } of graph.outputs) b.output(name);
  return b.build();
}

/** In which type an op is computed. */
function inputType(node: Node, casts: Casts, half: HalfDType): "float32" | HalfDType {
  if (inHalf.has(node.op)) return half;
  if (!follows.has(node.op) || (half === "bfloat16" && notInBrain.has(node.op))) return "float32";
  const kinds = node.inputs.map((name) => casts.kind(name));
  return kinds.includes(half) && !kinds.includes("float32") ? half : "float32";
}

/** Values of the new graph in both types, each cast once. */
class Casts {
  readonly #b: GraphBuilder;
  readonly #half: HalfDType;
  readonly #outputs: ReadonlySet<string>;
  readonly #known = new Map<string, string>();

  constructor(b: GraphBuilder, graph: Graph, half: HalfDType) {
    this.#b = b;
    this.#half = half;
    this.#outputs = new Set(graph.outputs.map(({ name }) => name));
  }

  /** A float type that a value asks for; constants of one element ask for none. */
  kind(name: string): string | undefined {
    if (name === "" || this.#b.constantValue(name)?.data.length === 1) return undefined;
    const { dtype } = this.#b.type(name);
    return dtype === "float32" || dtype === this.#half ? dtype : undefined;
  }

  /** Adds a node that is computed in a type; a graph output goes back to float32 under its name. */
  add(node: Node, type: "float32" | HalfDType): void {
    const inputs = node.inputs.map((name) => this.#as(name, type));
    const isOutput = type !== "float32" && node.outputs.some((name) => this.#outputs.has(name));
    if (!isOutput) {
      this.#b.addNode({ ...node, inputs });
      return;
    }
    const inner = node.outputs.map((name) => (name === "" ? "" : `${name}:half`));
    this.#b.addNode({ ...node, name: inner[0] ?? node.name, inputs, outputs: inner });
    node.outputs.forEach((name, index) => {
      if (name === "") return;
      const value = inner[index] as string;
      this.#b.op("Cast", [value], { to: 1 }, { name });
      this.#known.set(JSON.stringify([name, this.#half]), value);
    });
  }

  #as(name: string, type: "float32" | HalfDType): string {
    if (name === "") return "";
    const { dtype } = this.#b.type(name);
    if (dtype === type || (dtype !== "float32" && dtype !== this.#half)) return name;
    const key = JSON.stringify([name, type]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const constant = this.#b.constantValue(name);
    const cast =
      constant && type !== "float32"
        ? this.#b.initializer(this.#b.fresh(`${name}:half`), halfTensor(constant, type))
        : this.#b.cast(name, type);
    this.#known.set(key, cast);
    return cast;
  }
}
