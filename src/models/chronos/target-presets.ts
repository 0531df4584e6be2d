/** Ends of the attentions' projections. */
const projections = new Set(["q", "k", "v", "o"]);

/**
 * Named choices of linear modules for adapters. `attention` is what Amazon's own recipe for Chronos-2 adapts (q, k, v, o
 * and the last layer), `query-value` the habit for T5, `decoder-head` the decoder and the output block, `head`
 * the output block, `all-linear` every linear layer.
 */
export function targetPresets(linear: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const end = (path: string) => path.slice(path.lastIndexOf(".") + 1);
  const isHead = (path: string) => path.startsWith("output_patch_embedding.");
  return {
    attention: linear.filter(
      (path) => projections.has(end(path)) || path === "output_patch_embedding.output_layer",
    ),
    "query-value": linear.filter((path) => end(path) === "q" || end(path) === "v"),
    "decoder-head": linear.filter((path) => path.startsWith("decoder.") || isHead(path)),
    head: linear.filter(isHead),
    "all-linear": linear,
  };
}
