import type { TtmArchitecture } from "./architecture.ts";
import type { Forward } from "./forward.ts";
import { mixerStack } from "./mixer-stack.ts";

/** Hidden [patches · series, d_model] → [patches · series, decoder_d_model]. */
export function decode(
  f: Forward,
  decoder: NonNullable<TtmArchitecture["decoder"]>,
  hidden: string,
  patches: string,
  categories: string | null,
): string {
  let value = decoder.adapter ? f.linear("decoder.adapter", hidden, "rows") : hidden;
  if (f.architecture.config.decoder_raw_residual) {
    value = f.graph.op("Add", [value, rawResidual(f, patches)]);
  }
  return categories === null || decoder.categories.length === 0
    ? mixerStack(f, decoder, value, { series: f.series, part: "head" })
    : decodeWithCategories(f, decoder, value, categories);
}

/** The patches themselves, embedded; a patch of zeros stands in for the frequency prefix. */
function rawResidual(f: Forward, patches: string): string {
  const { patch_length: length, resolution_prefix_tuning: prefix } = f.architecture.config;
  const all = prefix ? f.graph.op("Concat", [f.zeros([f.series, length]), patches], { axis: 0 }) : patches;
  return f.linear("decoder.decoder_raw_embedding", all, "rows");
}

/** Static variables enter as extra channels, the same at every patch, and are cut off again after the stack. */
function decodeWithCategories(
  f: Forward,
  decoder: NonNullable<TtmArchitecture["decoder"]>,
  value: string,
  categories: string,
): string {
  const { graph, options } = f;
  const { patches, width } = decoder;
  const { batch, channels } = options;
  const extra = decoder.categories.map((_, index) => {
    const column = graph.reshape(f.slice(categories, 1, index, index + 1), [batch]);
    const table = f.weight(`decoder.decoder_cat_embedding_layer.embedding_layers.${index}.weight`);
    const embedded = graph.reshape(graph.op("Gather", [table, column], { axis: 0 }), [1, batch, 1, width]);
    return graph.op("Expand", [embedded, graph.integers([patches, batch, 1, width])]);
  });
  const own = graph.reshape(value, [patches, batch, channels, width]);
  const total = channels + extra.length;
  const joined = graph.reshape(graph.op("Concat", [own, ...extra], { axis: 2 }), [
    patches * batch * total,
    width,
  ]);
  const decoded = graph.reshape(mixerStack(f, decoder, joined, { series: batch * total, part: "head" }), [
    patches,
    batch,
    total,
    width,
  ]);
  return graph.reshape(f.slice(decoded, 2, 0, channels), [patches * f.series, width]);
}
