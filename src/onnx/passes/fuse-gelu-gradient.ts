import type { Graph, Node } from "../graph.ts";
import { GraphLinks } from "./graph-links.ts";
import { sortNodes } from "./sort-nodes.ts";

/** What the gradient of one exact Gelu is made of, see `gelu` in `autodiff/rules/elementwise.ts`. */
interface GeluParts {
  readonly gelu: Node;
  /** t = x·√½ */
  readonly scaled: Node;
  /** e = erf(t) + 1 */
  readonly shifted: Node;
}

/**
 * Lets an exact Gelu and its gradient share their error function. With t = x·√½ and e = erf(t) + 1:
 *
 *     y = t·e·√½            instead of Gelu(x)
 *     t / exp(t²)           instead of t·exp(−t²); for large |t| the quotient is a correct 0
 *
 * Where a Gemm makes x, it makes t at once, its bias scaled before (a beta would cost a pass over memory). The factors that are left go into Gemms, see `foldScales`.
 */
export function fuseGeluGradient(graph: Graph): Graph {
  const links = new GraphLinks(graph);
  const replaced = new Map<Node, readonly Node[]>();
  for (const node of graph.nodes) {
    const parts = partsOf(node, links);
    if (!parts) continue;
    const root = parts.scaled.inputs.find((name) => links.scalar(name) !== undefined) as string;
    replaced.set(parts.gelu, sharedForward(parts, root));
    const maker = links.producer(parts.gelu.inputs[0] as string);
    if (maker?.op === "Gemm" && canScale(maker, parts, links)) {
      replaced.set(maker, scaledMaker(maker, parts.scaled, root));
      replaced.set(parts.scaled, []);
    }
    for (const [old, next] of quotient(parts.scaled.outputs[0] as string, links)) replaced.set(old, next);
  }
  if (replaced.size === 0) return graph;
  return sortNodes({ ...graph, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) });
}

function partsOf(gelu: Node, links: GraphLinks): GeluParts | undefined {
  const approximate = gelu.attributes["approximate"];
  if (gelu.op !== "Gelu" || (approximate?.type === "string" && approximate.value !== "none"))
    return undefined;
  const x = gelu.inputs[0] as string;
  const scaled = links.consumers(x).find((node) => isRootHalf(links.scaling(node)?.factor));
  const erf = scaled && links.consumers(scaled.outputs[0] as string).find(({ op }) => op === "Erf");
  const shifted = erf && links.consumers(erf.outputs[0] as string).find((node) => isPlusOne(node, links));
  return scaled && shifted ? { gelu, scaled, shifted } : undefined;
}

function isRootHalf(factor: number | undefined): boolean {
  return factor !== undefined && Math.abs(factor - Math.SQRT1_2) < 1e-7;
}

function isPlusOne(node: Node, links: GraphLinks): boolean {
  return node.op === "Add" && node.inputs.some((name) => links.scalar(name) === 1);
}

function sharedForward({ gelu, scaled, shifted }: GeluParts, root: string): readonly Node[] {
  const output = gelu.outputs[0] as string;
  const inner = `${output}:unscaled`;
  const mul = (name: string, inputs: readonly string[]): Node => ({
    op: "Mul",
    domain: "",
    name,
    inputs,
    outputs: [name],
    attributes: {},
  });
  return [
    mul(inner, [scaled.outputs[0] as string, shifted.outputs[0] as string]),
    mul(output, [inner, root]),
  ];
}

/** Whether x is read by the Gelu and by its gradient's first product alone, and its bias is small. */
function canScale(maker: Node, { gelu, scaled }: GeluParts, links: GraphLinks): boolean {
  const x = maker.outputs[0] as string;
  const readers = links.consumers(x);
  const bias = maker.inputs[2] ?? "";
  const isSmall = bias === "" || links.producer(bias) === undefined || links.producer(bias)?.op === "Reshape";
  return isSmall && !links.isOutput(x) && readers.every((node) => node === gelu || node === scaled);
}

function scaledMaker(maker: Node, scaled: Node, root: string): readonly Node[] {
  const alpha = maker.attributes["alpha"];
  const value = (alpha?.type === "float" ? alpha.value : 1) * Math.SQRT1_2;
  const attributes = { ...maker.attributes, alpha: { type: "float", value } as const };
  const bias = maker.inputs[2];
  if (!bias) return [{ ...maker, outputs: scaled.outputs, attributes }];
  const name = `${maker.outputs[0]}:scaled_bias`;
  return [
    { op: "Mul", domain: "", name, inputs: [bias, root], outputs: [name], attributes: {} },
    { ...maker, inputs: maker.inputs.with(2, name), outputs: scaled.outputs, attributes },
  ];
}

/** t·exp(−t²) as t / exp(t²), where nothing else reads what lies between. */
function quotient(t: string, links: GraphLinks): readonly (readonly [Node, readonly Node[]])[] {
  const square = links
    .consumers(t)
    .find(({ op, inputs }) => op === "Mul" && inputs.every((name) => name === t));
  const negative = square && onlyReader(square, "Neg", links);
  const exponential = negative && onlyReader(negative, "Exp", links);
  const product = exponential && onlyReader(exponential, "Mul", links);
  if (!square || !negative || !exponential || !product?.inputs.includes(t)) return [];
  const power = { ...exponential, inputs: square.outputs };
  return [
    [negative, []],
    [exponential, [power]],
    [product, [{ ...product, op: "Div", inputs: [t, exponential.outputs[0] as string] }]],
  ];
}

function onlyReader(node: Node, op: string, links: GraphLinks): Node | undefined {
  const output = node.outputs[0] as string;
  const [reader] = links.consumers(output);
  return reader?.op === op && links.isOnlyUse(output, reader) ? reader : undefined;
}
