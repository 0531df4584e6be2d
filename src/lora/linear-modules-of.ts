import { type Graph, intAttribute, type Node } from "../onnx/index.ts";
import type { LinearModule } from "./modules.ts";

/**
 * The linear layers of any graph: its Gemm and MatMul nodes with an initializer for a matrix of weights, in order. A layer is called
 * as torch's exporters call its weight, without `.weight`; a weight whose name says nothing gives its layer the node's name.
 *
 *     const graph = foldShapes(decodeModel(bytes));
 *     const linear = linearModulesOf(graph);
 *     const adapted = addLoraAdapters(graph, { linear, all: linear.map(({ path }) => path) }, config, { random });
 */
export function linearModulesOf(graph: Graph): readonly LinearModule[] {
  const adders = new Map(
    graph.nodes.filter(({ op }) => op === "Add").flatMap((node) => node.inputs.map((name) => [name, node])),
  );
  const found = new Map<string, LinearModule>();
  for (const node of graph.nodes) {
    const weight = node.inputs[1] ?? "";
    const shape = graph.initializers.get(weight)?.shape;
    if ((node.op !== "Gemm" && node.op !== "MatMul") || shape?.length !== 2 || found.has(weight)) continue;
    const [rows, columns] = shape as [number, number];
    const transposed = node.op === "MatMul" || intAttribute(node, "transB", 0) === 0;
    const path = pathOf(weight, node);
    const isTaken = [...found.values()].some((module) => module.path === path);
    found.set(weight, {
      path: isTaken ? weight : path,
      weight,
      bias: biasOf(graph, node, adders),
      inFeatures: transposed ? rows : columns,
      outFeatures: transposed ? columns : rows,
      ...(transposed ? { transposed } : {}),
    });
  }
  return [...found.values()];
}

function pathOf(weight: string, node: Node): string {
  if (weight.endsWith(".weight")) return weight.slice(0, -".weight".length);
  // exporters name a node by its module: /encoder/layers.0/linear1/MatMul, node_linear_3
  const scope = node.name.split("/").filter((part) => part !== "" && part !== node.op);
  return scope.join(".") || weight;
}

/** Gemm's own C, or the vector that is added to a product. */
function biasOf(graph: Graph, node: Node, adders: ReadonlyMap<string, Node>): string | null {
  const isVector = (name: string | undefined) =>
    name !== undefined && graph.initializers.get(name)?.shape.length === 1;
  if (node.op === "Gemm") return isVector(node.inputs[2]) ? (node.inputs[2] as string) : null;
  return adders.get(node.outputs[0] ?? "")?.inputs.find(isVector) ?? null;
}
