import type { Forward } from "./forward.ts";

/** Rows of a matrix [series · length, width], series outermost. */
export interface Tokens {
  readonly rows: string;
  /** Per series. */
  readonly length: number;
}

/**
 * T5's attention: `softmax(q·kᵀ + bias)·v` per head, then `W_o`. The scores are not divided by √d_kv.
 *
 * @param bias  added to the scores; broadcasts to [series, heads, queries, keys]
 */
export function attend(f: Forward, path: string, queries: Tokens, keys: Tokens, bias: string): string {
  const { graph, config, series } = f;
  const { num_heads: heads, d_kv: width } = config;
  const split = (name: "q" | "k" | "v", { rows, length }: Tokens, perm: readonly number[]) =>
    graph.transpose(graph.reshape(f.linear(`${path}.${name}`, rows), [series, length, heads, width]), perm);
  const q = split("q", queries, [0, 2, 1, 3]);
  const k = split("k", keys, [0, 2, 3, 1]);
  const v = split("v", keys, [0, 2, 1, 3]);
  const scores = graph.op("Add", [graph.op("MatMul", [q, k]), bias]);
  const weights = f.dropout(graph.op("Softmax", [scores], { axis: -1 }));
  const mixed = graph.transpose(graph.op("MatMul", [weights, v]), [0, 2, 1, 3]);
  return f.linear(`${path}.o`, graph.reshape(mixed, [series * queries.length, heads * width]));
}
