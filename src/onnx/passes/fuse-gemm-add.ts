import { freezeGraph, type Graph, type Node } from "../graph.ts";
import { inferTypes } from "../infer-types.ts";

/**
 * Add(Gemm(a, b), c) becomes Gemm(a, b, c) where nothing else reads the product and c has its full shape:
 * one pass over memory less (a Gemm that names beta, the factor of c, is left alone). The runtime fuses this only for MatMul.
 */
export function fuseGemmAdd(graph: Graph): Graph {
  const types = inferTypes(graph);
  const uses = new Map<string, number>();
  for (const name of [
    ...graph.nodes.flatMap((node) => node.inputs),
    ...graph.outputs.map(({ name }) => name),
  ]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const producers = new Map(graph.nodes.map((node) => [node.outputs[0] ?? "", node]));
  const fused = new Set<Node>();
  const nodes = graph.nodes.map((node) => {
    if (node.op !== "Add") return node;
    for (const [product, addend] of [node.inputs, node.inputs.toReversed()] as [string, string][]) {
      const gemm = producers.get(product);
      if (gemm?.op !== "Gemm" || gemm.inputs[2] || fused.has(gemm) || uses.get(product) !== 1) continue;
      if (gemm.attributes["beta"]) continue;
      if (types.get(addend)?.shape.join() !== types.get(product)?.shape.join()) continue;
      fused.add(gemm);
      return {
        ...gemm,
        name: node.name,
        inputs: [...gemm.inputs.slice(0, 2), addend],
        outputs: node.outputs,
      };
    }
    return node;
  });
  return freezeGraph({ ...graph, nodes: nodes.filter((node) => !fused.has(node)) });
}
