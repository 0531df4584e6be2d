import { freezeGraph, type Graph, type Node } from "../graph.ts";
import { GraphLinks } from "./graph-links.ts";

/**
 * A product with a number costs a pass over memory; a Gemm multiplies by its alpha for nothing. So numbers move into the
 * Gemm that makes the value, or into all the Gemms that read it, through ops that a factor passes unchanged:
 *
 *     s·Gemm(a, b)         → Gemm(a, b; alpha·s)
 *     Gemm(s·x, b, c)      → Gemm(x, b, c; alpha·s)
 *     Gemm((s·x)·u, b)     → Gemm(x·u, b; alpha·s)
 *
 * LoRA's scale, Gelu's ½ and dropout's 1/(1 − ratio) are such numbers. Half precision is left as it is: there a factor may
 * be what keeps a value in range.
 */
export function foldScales(graph: Graph): Graph {
  let current = graph;
  // each round may make room for the next: two numbers after each other, or one behind another that has gone
  for (let round = 0; round < 4; round++) {
    const next = foldOnce(current);
    if (next === current) return current;
    current = next;
  }
  return current;
}

function foldOnce(graph: Graph): Graph {
  const links = new GraphLinks(graph);
  const changes = new Map<Node, Node>();
  const removed = new Set<Node>();
  const renamed = new Map<string, string>();
  const current = (node: Node) => changes.get(node) ?? node;
  for (const node of graph.nodes) {
    const scaling = links.scaling(node);
    if (!scaling) continue;
    const maker = links.producer(scaling.value);
    if (maker && removed.has(maker)) continue;
    if (maker?.op === "Gemm" && !maker.inputs[2] && links.isOnlyUse(scaling.value, node)) {
      changes.set(maker, { ...scaledGemm(current(maker), scaling.factor), outputs: node.outputs });
      removed.add(node);
      continue;
    }
    const output = node.outputs[0] as string;
    const readers = absorbers(output, links, graph.nodes.length);
    if (!readers || readers.length === 0) continue;
    for (const reader of readers) changes.set(reader, scaledGemm(current(reader), scaling.factor));
    removed.add(node);
    renamed.set(output, scaling.value);
  }
  if (removed.size === 0) return graph;
  const nodes = graph.nodes.filter((node) => !removed.has(node)).map(current);
  return freezeGraph({ ...graph, nodes: nodes.map((node) => withInputs(node, renamed)) });
}

function withInputs(node: Node, renamed: ReadonlyMap<string, string>): Node {
  const resolve = (name: string): string => {
    const next = renamed.get(name);
    return next === undefined ? name : resolve(next);
  };
  return node.inputs.some((name) => renamed.has(name)) ? { ...node, inputs: node.inputs.map(resolve) } : node;
}

/** The Gemms that a factor of this value ends in, once for each way to them; undefined where one way ends elsewhere. */
function absorbers(value: string, links: GraphLinks, budget: number): readonly Node[] | undefined {
  if (links.isOutput(value) || budget === 0) return undefined;
  const found: Node[] = [];
  for (const reader of links.consumers(value)) {
    const readers = absorbing(reader, value, links, budget - 1);
    if (!readers) return undefined;
    found.push(...readers);
  }
  return found;
}

function absorbing(
  reader: Node,
  value: string,
  links: GraphLinks,
  budget: number,
): readonly Node[] | undefined {
  const places = reader.inputs.flatMap((name, index) => (name === value ? [index] : []));
  if (reader.op === "Gemm") return places.includes(2) ? undefined : places.map(() => reader);
  if (places.length !== 1 || !passesFactor(reader, places[0] as number, links)) return undefined;
  return absorbers(reader.outputs[0] as string, links, budget);
}

/** Whether op(s·x) = s·op(x) in this input. */
function passesFactor(node: Node, place: number, links: GraphLinks): boolean {
  switch (node.op) {
    case "Mul":
      return true;
    case "Reshape":
    case "Transpose":
      return place === 0;
    case "Where":
      return place > 0 && links.scalar(node.inputs[place === 1 ? 2 : 1] ?? "") === 0;
    default:
      return false;
  }
}

function scaledGemm(gemm: Node, factor: number): Node {
  const alpha = gemm.attributes["alpha"];
  const value = (alpha?.type === "float" ? alpha.value : 1) * factor;
  return { ...gemm, attributes: { ...gemm.attributes, alpha: { type: "float", value } } };
}
