import type { Forward, Pass } from "./forward.ts";

/** The matrix [patches · series, width] that is attended over, and by how many heads. */
export interface AttentionShape {
  readonly patches: number;
  readonly width: number;
  readonly heads: number;
}

/**
 * Multi-head attention over the patches of each series: out(softmax(q·kᵀ/√(width/heads))·v). Off in every published TTM.
 */
export function attendPatches(
  f: Forward,
  path: string,
  x: string,
  { patches, width, heads }: AttentionShape,
  { series, part }: Pass,
): string {
  const { graph } = f;
  const head = width / heads;
  const project = (name: string, perm: readonly number[]) => {
    const rows = f.linear(`${path}.${name}`, x, "rows");
    return graph.transpose(graph.reshape(rows, [patches, series, heads, head]), perm);
  };
  const query = graph.op("Mul", [project("q_proj", [1, 2, 0, 3]), graph.scalar(head ** -0.5)]);
  const scores = graph.op("MatMul", [query, project("k_proj", [1, 2, 3, 0])]); // [series, heads, patches, patches]
  const weights = f.dropout(`${path}.dropout`, graph.op("Softmax", [scores], { axis: -1 }), part);
  const mixed = graph.op("MatMul", [weights, project("v_proj", [1, 2, 0, 3])]);
  const rows = graph.reshape(graph.transpose(mixed, [2, 0, 1, 3]), [patches * series, width]);
  return f.linear(`${path}.out_proj`, rows, "rows");
}
