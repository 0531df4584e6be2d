import type { MixerLayerSpec } from "./architecture.ts";
import type { Along, Forward } from "./forward.ts";
import { normalise } from "./normalise.ts";

/**
 * One mixer layer on [patches · series, width], rows patch first: residual blocks that mix channels (where the layer
 * does), patches and features.
 */
export function mixerLayer(
  f: Forward,
  layer: MixerLayerSpec,
  hidden: string,
  series: number,
  part: "encoder" | "head",
): string {
  let value = hidden;
  if (layer.channels !== null) value = mixChannels(f, layer, layer.channels, value, series, part);
  if (layer.patches > 1) value = mixPatches(f, layer, value, series, part);
  return mixFeatures(f, layer, value, part);
}

/** h + Gate(MLP(LN(h))) over patches: all series and features of a patch are one row of [patches, series · width]. */
function mixPatches(
  f: Forward,
  { path: layer, patches, width, gated }: MixerLayerSpec,
  hidden: string,
  series: number,
  part: "encoder" | "head",
): string {
  const path = `${layer}.patch_mixer`;
  const columns = f.graph.reshape(normalise(f, `${path}.norm`, hidden), [patches, series * width]);
  const mixed = mlp(f, `${path}.mlp`, columns, "columns", part);
  const opened = gated ? gate(f, `${path}.gating_block`, mixed, "columns") : mixed;
  return f.graph.op("Add", [hidden, f.graph.reshape(opened, [patches * series, width])], {}, { name: path });
}

/** h + Gate(MLP(LN(h))) over features. */
function mixFeatures(
  f: Forward,
  { path, gated }: MixerLayerSpec,
  hidden: string,
  part: "encoder" | "head",
): string {
  const mixer = `${path}.feature_mixer`;
  const mixed = mlp(f, `${mixer}.mlp`, normalise(f, `${mixer}.norm`, hidden), "rows", part);
  const opened = gated ? gate(f, `${mixer}.gating_block`, mixed, "rows") : mixed;
  return f.graph.op("Add", [hidden, opened], {}, { name: path });
}

/** h + MLP(Gate(LN(h))) over channels: here the gate comes first. */
function mixChannels(
  f: Forward,
  { path: layer, patches, width, gated }: MixerLayerSpec,
  channels: number,
  hidden: string,
  series: number,
  part: "encoder" | "head",
): string {
  const { graph } = f;
  const path = `${layer}.channel_feature_mixer`;
  const windows = series / channels;
  const split = graph.reshape(normalise(f, `${path}.norm`, hidden), [patches, windows, channels, width]);
  const channelFirst = graph.transpose(split, [2, 0, 1, 3]);
  const columns = graph.reshape(channelFirst, [channels, patches * windows * width]);
  const opened = gated ? gate(f, `${path}.gating_block`, columns, "columns") : columns;
  const mixed = graph.reshape(mlp(f, `${path}.mlp`, opened, "columns", part), [
    channels,
    patches,
    windows,
    width,
  ]);
  const back = graph.reshape(graph.transpose(mixed, [1, 2, 0, 3]), [patches * series, width]);
  return graph.op("Add", [hidden, back], {}, { name: path });
}

/** W₂·gelu(W₁u + b₁) + b₂ with the exact Gelu; dropout after both. */
function mlp(f: Forward, path: string, x: string, along: Along, part: "encoder" | "head"): string {
  const hidden = f.graph.op("Gelu", [f.linear(`${path}.fc1`, x, along)]);
  const second = f.linear(`${path}.fc2`, f.dropout(`${path}.dropout1`, hidden, part), along);
  return f.dropout(`${path}.dropout2`, second, part);
}

/** u ⊙ softmax(W·u + b) over the mixed axis. */
export function gate(f: Forward, path: string, x: string, along: Along): string {
  const scores = f.linear(`${path}.attn_layer`, x, along);
  const weights = f.graph.op("Softmax", [scores], { axis: along === "rows" ? -1 : 0 });
  return f.graph.op("Mul", [x, weights], {}, { name: path });
}
