import type { Graph, Node } from "../graph.ts";
import { GraphLinks } from "./graph-links.ts";
import { sortNodes } from "./sort-nodes.ts";

const cheap: ReadonlySet<string> = new Set(["Add", "Mul"]);

/**
 * Computes sums and products again on the way back, instead of keeping them from the forward pass, where what they are made of is
 * kept anyway: one tensor less for each, at one more pass over memory. The forward pass is what the first output, the loss,
 * depends on. The copy has its operands the other way round, so that no runtime takes both for one.
 */
export function recomputeActivations(graph: Graph): Graph {
  const links = new GraphLinks(graph);
  const forward = ancestors(graph, links);
  const onWayBack = (name: string) => links.consumers(name).some((node) => !forward.has(node));
  const again = new Map<string, string>();
  const copies: Node[] = [];
  for (const node of graph.nodes) {
    const [output = ""] = node.outputs;
    if (!forward.has(node) || !cheap.has(node.op) || links.isOutput(output) || !onWayBack(output)) continue;
    const isKept = (name: string) =>
      graph.initializers.has(name) ||
      (onWayBack(name) && links.producer(name) !== undefined && !again.has(name));
    const isRead = links.consumers(output).some((reader) => forward.has(reader));
    if (!isRead || !node.inputs.every(isKept)) continue;
    const name = `${output}:again`;
    again.set(output, name);
    copies.push({ ...node, name, outputs: [name], inputs: node.inputs.toReversed() });
  }
  if (copies.length === 0) return graph;
  const nodes = graph.nodes.map((node) =>
    forward.has(node) ? node : { ...node, inputs: node.inputs.map((name) => again.get(name) ?? name) },
  );
  // a copy is put where it is first read
  return sortNodes({ ...graph, nodes: [...nodes, ...copies] });
}

/** The nodes that the first output depends on. */
function ancestors(graph: Graph, links: GraphLinks): ReadonlySet<Node> {
  const found = new Set<Node>();
  const names = [graph.outputs[0]?.name ?? ""];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const node = links.producer(name);
    if (!node || found.has(node)) continue;
    found.add(node);
    names.push(...node.inputs);
  }
  return found;
}
