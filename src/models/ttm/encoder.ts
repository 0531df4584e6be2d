import type { Forward } from "./forward.ts";
import { mixerStack } from "./mixer-stack.ts";

/** Patches [windowPatches · series, patch length] → hidden [patches · series, d_model]. */
export function encode(f: Forward, patches: string, frequency: string | null): string {
  const { graph, architecture } = f;
  let hidden = f.linear("backbone.encoder.patcher", patches, "rows");
  if (frequency) hidden = graph.op("Concat", [frequencyPrefix(f, frequency), hidden], { axis: 0 });
  if (architecture.config.use_positional_encoding) hidden = addPositions(f, hidden);
  return mixerStack(f, architecture.encoder, hidden, { series: f.series, part: "encoder" });
}

/** The embedded sampling rate as one more patch in front: freq_token [batch] → [series, d_model]. */
function frequencyPrefix(f: Forward, token: string): string {
  const { graph, options } = f;
  const path = "backbone.encoder.freq_mod";
  const embedded = graph.op("Gather", [f.weight(`${path}.0.weight`), token], { axis: 0 });
  const hidden = graph.op("Gelu", [f.linear(`${path}.1`, embedded, "rows")]);
  const vector = f.linear(`${path}.3`, hidden, "rows");
  const width = f.architecture.config.d_model;
  const perWindow = graph.reshape(vector, [options.batch, 1, width]);
  const shape = [options.batch, options.channels, width];
  return graph.reshape(graph.op("Expand", [perWindow, graph.integers(shape)]), [f.series, width]);
}

function addPositions(f: Forward, hidden: string): string {
  const { graph, architecture, series } = f;
  const { patches, config } = architecture;
  const table = f.weight("backbone.encoder.positional_encoder.position_enc");
  const sum = graph.op("Add", [
    graph.reshape(hidden, [patches, series, config.d_model]),
    graph.reshape(table, [patches, 1, config.d_model]),
  ]);
  return graph.reshape(sum, [patches * series, config.d_model]);
}
