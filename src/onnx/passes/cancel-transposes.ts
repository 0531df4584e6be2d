import { freezeGraph, type Graph, type Node } from "../graph.ts";
import { intAttribute, intsAttribute } from "../ops/op-info.ts";
import { GraphLinks } from "./graph-links.ts";

/**
 * Moves values as little as can be: two Transposes after each other become one or none, a Reshape of a Reshape reads the
 * first one's input, and a Gemm transposes its factors itself.
 */
export function cancelTransposes(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < 4; round++) {
    const links = new GraphLinks(current);
    let changed = false;
    const nodes = current.nodes.map((node) => {
      const shorter = shorten(node, links);
      if (shorter) changed = true;
      return shorter ?? node;
    });
    if (!changed) return current;
    current = freezeGraph({ ...current, nodes });
  }
  return current;
}

function shorten(node: Node, links: GraphLinks): Node | undefined {
  switch (node.op) {
    case "Transpose":
      return shortenTranspose(node, links);
    case "Reshape":
      return shortenReshape(node, links);
    case "Gemm":
      return shortenGemm(node, links);
    default:
      return undefined;
  }
}

function shortenTranspose(node: Node, links: GraphLinks): Node | undefined {
  const inner = links.producer(node.inputs[0] as string);
  const [outerPerm, innerPerm] = [intsAttribute(node, "perm"), inner && intsAttribute(inner, "perm")];
  if (inner?.op !== "Transpose" || !outerPerm || !innerPerm) return undefined;
  const perm = outerPerm.map((axis) => innerPerm[axis] as number);
  const isIdentity = perm.every((axis, index) => axis === index);
  return {
    ...node,
    op: isIdentity ? "Identity" : "Transpose",
    inputs: [inner.inputs[0] as string],
    attributes: isIdentity ? {} : { perm: { type: "ints", value: perm } },
  };
}

function shortenReshape(node: Node, links: GraphLinks): Node | undefined {
  const inner = links.producer(node.inputs[0] as string);
  if (inner?.op !== "Reshape") return undefined;
  return { ...node, inputs: [inner.inputs[0] as string, node.inputs[1] as string] };
}

/** A factor that is a matrix transposed is read the other way round. */
function shortenGemm(node: Node, links: GraphLinks): Node | undefined {
  for (const [index, flag] of [
    [0, "transA"],
    [1, "transB"],
  ] as const) {
    const inner = links.producer(node.inputs[index] as string);
    if (inner?.op !== "Transpose" || intsAttribute(inner, "perm")?.join() !== "1,0") continue;
    const turned = 1 - intAttribute(node, flag, 0);
    return {
      ...node,
      inputs: node.inputs.with(index, inner.inputs[0] as string),
      attributes: { ...node.attributes, [flag]: { type: "int", value: turned } },
    };
  }
  return undefined;
}
