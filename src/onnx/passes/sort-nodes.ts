import { freezeGraph, type Graph, type Node } from "../graph.ts";

/** Puts nodes in topological order again, after a pass has let one read what another makes later. Otherwise the order stays. */
export function sortNodes(graph: Graph): Graph {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const name of node.outputs) producers.set(name, node);
  const placed = new Set<Node>();
  const nodes: Node[] = [];
  for (const root of graph.nodes) {
    const stack = [root];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const missing = placed.has(node) ? undefined : firstMissing(node, producers, placed);
      if (missing) {
        stack.push(missing);
        continue;
      }
      stack.pop();
      if (placed.has(node)) continue;
      placed.add(node);
      nodes.push(node);
    }
  }
  return freezeGraph({ ...graph, nodes });
}

/** The first producer of an input that has no place yet. */
function firstMissing(
  node: Node,
  producers: ReadonlyMap<string, Node>,
  placed: ReadonlySet<Node>,
): Node | undefined {
  for (const name of node.inputs) {
    const producer = name === "" ? undefined : producers.get(name);
    if (producer && !placed.has(producer)) return producer;
  }
  return undefined;
}
