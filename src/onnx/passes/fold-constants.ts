import { freezeGraph, type Graph, type Node, type Tensor, type TensorType } from "../graph.ts";
import { inferNode } from "../infer-types.ts";
import { elementCount } from "../shapes.ts";
import { constantOps } from "./constant-ops.ts";

/** Larger results stay nodes: folding is for shapes, axes and masks, not for copies of weights. */
const MOST_ELEMENTS = 1 << 16;

/** Results that follow from a value's shape alone. */
const ofShapeOnly = new Set(["Shape", "Size"]);

/**
 * Computes what depends on constants alone, so that every shape and axis is an initializer: the integer chains that
 * exporters write around Reshape, Pad and Expand disappear.
 *
 * @param keep  initializers that are not constants, since they are trained
 */
export function foldConstants(graph: Graph, keep: ReadonlySet<string> = new Set()): Graph {
  const initializers = new Map(graph.initializers);
  const types = new Map<string, TensorType>();
  for (const { name, dtype, shape } of graph.inputs) types.set(name, { dtype, shape });
  for (const [name, { dtype, shape }] of initializers) types.set(name, { dtype, shape });
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const constantOf = (name: string) => (keep.has(name) ? undefined : initializers.get(name));
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inferred = inferNode(node, {
      typeOf: (name) => types.get(name),
      constantOf: (name) => initializers.get(name),
    });
    node.outputs.forEach((name, index) => {
      const type = inferred[index];
      if (name !== "" && type) types.set(name, type);
    });
    const folded = outputs.has(node.outputs[0] ?? "")
      ? undefined
      : fold(node, inferred[0], constantOf, types);
    if (folded) initializers.set(node.outputs[0] as string, folded);
    else nodes.push(node);
  }
  return freezeGraph({ ...graph, nodes, initializers });
}

/**
 * Folds integers only: the shapes, axes and indices of a foreign file. Floats may be weights, and weights may be
 * trained; what is computed from them stays in the graph.
 */
export function foldShapes(graph: Graph): Graph {
  const floats = [...graph.initializers]
    .filter(([, { dtype }]) => dtype.includes("float"))
    .map(([name]) => name);
  return foldConstants(graph, new Set(floats));
}

function fold(
  node: Node,
  result: TensorType | undefined,
  constantOf: (name: string) => Tensor | undefined,
  types: ReadonlyMap<string, TensorType>,
): Tensor | undefined {
  const compute = Object.hasOwn(constantOps, node.op) ? constantOps[node.op] : undefined;
  if (!compute || !result || elementCount(result.shape) > MOST_ELEMENTS) return undefined;
  if (result.dtype === "float16" || result.dtype === "bfloat16") return undefined;
  const inputs = node.inputs.map((name) => (name === "" ? undefined : constantOf(name)));
  const known = node.inputs.every((name, index) => name === "" || inputs[index] !== undefined);
  if (!known && !ofShapeOnly.has(node.op)) return undefined;
  return compute(
    node,
    inputs,
    node.inputs.map((name) => types.get(name)),
  );
}
