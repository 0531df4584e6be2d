import type { Graph, Node } from "../graph.ts";
import { GraphLinks } from "./graph-links.ts";
import { sortNodes } from "./sort-nodes.ts";

const pairKey = (a: string, b: string) => JSON.stringify([a, b].sort());

/**
 * (g·u)·s becomes (g·s)·u where g·s is needed anyway and g·u is not: one pass over memory less. The gradient of a gate
 * u·softmax(a) is made of such products.
 */
export function shareFactors(graph: Graph): Graph {
  const links = new GraphLinks(graph);
  const products = new Map<string, Node>();
  for (const node of graph.nodes) {
    if (node.op === "Mul") products.set(pairKey(node.inputs[0] as string, node.inputs[1] as string), node);
  }
  const dropped = new Set<Node>();
  const changed = new Set<Node>();
  const nodes = graph.nodes.map((node) => {
    const shared = node.op === "Mul" ? sharedForm(node, links, products, changed) : undefined;
    if (!shared) return node;
    dropped.add(shared.inner);
    changed.add(shared.other);
    return { ...node, inputs: [shared.other.outputs[0] as string, shared.left] };
  });
  return sortNodes({ ...graph, nodes: nodes.filter((node) => !dropped.has(node)) });
}

/** For (g·u)·s: the product g·s that exists already, and what is left to multiply with. */
function sharedForm(
  node: Node,
  links: GraphLinks,
  products: ReadonlyMap<string, Node>,
  changed: ReadonlySet<Node>,
): { readonly inner: Node; readonly other: Node; readonly left: string } | undefined {
  const [first, second] = node.inputs as [string, string];
  for (const [product, factor] of [
    [first, second],
    [second, first],
  ] as const) {
    const inner = links.producer(product);
    if (inner?.op !== "Mul" || changed.has(inner) || !links.isOnlyUse(product, node)) continue;
    const [g, u] = inner.inputs as [string, string];
    if (links.scalar(g) !== undefined || links.scalar(u) !== undefined) continue;
    for (const [kept, left] of [
      [g, u],
      [u, g],
    ] as const) {
      const other = products.get(pairKey(kept, factor));
      if (other && other !== inner && other !== node && !dependsOn(other, product, links))
        return { inner, other, left };
    }
  }
  return undefined;
}

/** Whether one of a product's factors is the value itself. */
function dependsOn(node: Node, value: string, links: GraphLinks): boolean {
  return node.inputs.some((name) => name === value || links.producer(name)?.inputs.includes(value));
}
