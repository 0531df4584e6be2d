import type { MixerLayerSpec } from "./architecture.ts";
import { attendPatches } from "./attend-patches.ts";
import type { Along, Forward, Pass } from "./forward.ts";
import { normalise } from "./normalise.ts";

/**
 * One mixer layer on [patches · series, width], rows patch first: residual blocks that mix channels (where the layer
 * does), patches and features.
 */
export function mixerLayer(f: Forward, layer: MixerLayerSpec, hidden: string, pass: Pass): string {
  let value = hidden;
  if (layer.channels !== null) value = mixChannels(f, layer, layer.channels, value, pass);
  if (layer.patches > 1) value = mixPatches(f, layer, value, pass);
  return mixFeatures(f, layer, value, pass);
}

/** h + Gate(MLP(LN(h))) over patches: all series and features of a patch are one row of [patches, series · width]. */
function mixPatches(f: Forward, layer: MixerLayerSpec, hidden: string, pass: Pass): string {
  const { graph } = f;
  const { patches, width, gated, attentionHeads: heads } = layer;
  const path = `${layer.path}.patch_mixer`;
  const normed = normalise(f, `${path}.norm`, hidden);
  const columns = graph.reshape(normed, [patches, pass.series * width]);
  const mixed = mlp(f, `${path}.mlp`, columns, "columns", pass);
  const opened = gated ? gate(f, `${path}.gating_block`, mixed, "columns") : mixed;
  const rows = graph.reshape(opened, [patches * pass.series, width]);
  if (heads === null) return graph.op("Add", [hidden, rows], {}, { name: path });
  const attended = attendPatches(f, `${path}.self_attn_layer`, normed, { patches, width, heads }, pass);
  const both = normalise(f, `${path}.norm_attn`, graph.op("Add", [rows, attended]));
  return graph.op("Add", [hidden, both], {}, { name: path });
}

/** h + Gate(MLP(LN(h))) over features. */
function mixFeatures(f: Forward, { path, gated }: MixerLayerSpec, hidden: string, pass: Pass): string {
  const mixer = `${path}.feature_mixer`;
  const mixed = mlp(f, `${mixer}.mlp`, normalise(f, `${mixer}.norm`, hidden), "rows", pass);
  const opened = gated ? gate(f, `${mixer}.gating_block`, mixed, "rows") : mixed;
  return f.graph.op("Add", [hidden, opened], {}, { name: path });
}

/** h + MLP(Gate(LN(h))) over channels: here the gate comes first. */
function mixChannels(
  f: Forward,
  { path: layer, patches, width, gated }: MixerLayerSpec,
  channels: number,
  hidden: string,
  pass: Pass,
): string {
  const { graph } = f;
  const path = `${layer}.channel_feature_mixer`;
  const windows = pass.series / channels;
  const split = graph.reshape(normalise(f, `${path}.norm`, hidden), [patches, windows, channels, width]);
  const channelFirst = graph.transpose(split, [2, 0, 1, 3]);
  const columns = graph.reshape(channelFirst, [channels, patches * windows * width]);
  const opened = gated ? gate(f, `${path}.gating_block`, columns, "columns") : columns;
  const mixed = mlp(f, `${path}.mlp`, opened, "columns", pass);
  const apart = graph.transpose(graph.reshape(mixed, [channels, patches, windows, width]), [1, 2, 0, 3]);
  const rows = graph.reshape(apart, [patches * pass.series, width]);
  return graph.op("Add", [hidden, rows], {}, { name: path });
}

/** W₂·gelu(W₁u + b₁) + b₂ with the exact Gelu; dropout after both. */
function mlp(f: Forward, path: string, x: string, along: Along, { part }: Pass): string {
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
