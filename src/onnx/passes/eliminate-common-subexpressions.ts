import { freezeGraph, type Graph, type Node } from "../graph.ts";

/** Ops whose repeated evaluation gives different results. */
const impure = new Set(["Dropout", "RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike"]);

/**
 * Evaluates equal expressions once: nodes with the same op, attributes and inputs become one.
 * A node whose output is a graph output keeps its name.
 */
export function eliminateCommonSubexpressions(graph: Graph): Graph {
  const renamed = new Map<string, string>();
  const known = new Map<string, Node>();
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const nodes: Node[] = [];
  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map((name) => renamed.get(name) ?? name) };
    const key = JSON.stringify([
      node.domain,
      node.op,
      node.inputs,
      node.outputs.map((name) => name !== ""),
      sortedAttributes(node),
    ]);
    const earlier = impure.has(node.op) ? undefined : known.get(key);
    if (earlier && !node.outputs.some((name) => outputs.has(name))) {
      node.outputs.forEach((name, index) => {
        if (name !== "") renamed.set(name, earlier.outputs[index] as string);
      });
      continue;
    }
    if (!earlier) known.set(key, node);
    nodes.push(node);
  }
  return freezeGraph({ ...graph, nodes });
}

function sortedAttributes(node: Node): unknown[] {
  return Object.keys(node.attributes)
    .sort()
    .map((name) => {
      const attribute = node.attributes[name];
      const isOwn = attribute?.type === "tensor" || attribute?.type === "graph";
      return [name, attribute?.type, isOwn ? node.name : attribute?.value];
    });
}
