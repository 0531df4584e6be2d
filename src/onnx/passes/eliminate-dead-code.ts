import { freezeGraph, type Graph, type Node } from "../graph.ts";

/** Drops nodes and initializers that no graph output depends on. Graph inputs stay: they are the graph's signature. */
export function eliminateDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((output) => output.name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && needed.has(name))) continue;
    for (const name of node.inputs) needed.add(name);
    kept.push(node);
  }
  return freezeGraph({
    ...graph,
    nodes: kept.reverse(),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
  });
}
