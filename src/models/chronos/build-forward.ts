import type { Graph, Tensor } from "../../onnx/index.ts";
import type { BuildOptions } from "../forecast-model.ts";
import type { Tokens } from "./attention.ts";
import { Forward } from "./forward.ts";
import { standardise } from "./instance-norm.ts";
import { cutPatches, type Patches } from "./patches.ts";
import { declareForecasts } from "./quantile-head.ts";
import { residualBlock } from "./residual-block.ts";
import type { BoltConfig } from "./schema.ts";
import { decode, encode } from "./stack.ts";

/** Row of `shared.weight` that holds the [REG] token. */
const REG_ROW = 1;

/**
 * The forward graph of a Chronos-Bolt; inputs and outputs as {@link ForecastModel.build} says. Channels become rows of
 * the batch: series are [batch · channels, rows], tokens a matrix [series · patches, width] with series outermost.
 */
export function buildForward(
  config: BoltConfig,
  weights: ReadonlyMap<string, Tensor>,
  options: BuildOptions,
): Graph {
  const f = new Forward(config, weights, options);
  const { graph, series } = f;
  const { batch, channels, withMask } = options;
  const shape = [batch, options.contextLength ?? config.chronos_config.context_length, channels];
  const past = toSeries(f, graph.input("past_values", "float32", shape));
  const given = withMask ? toSeries(f, graph.input("past_observed_mask", "float32", shape)) : null;
  const present = graph.op("Not", [graph.op("IsNaN", [past])]);
  const observed = given
    ? graph.op("And", [present, graph.op("Greater", [given, graph.scalar(0)])])
    : present;

  const scaled = standardise(f, past, observed);
  const patches = cutPatches(f, scaled);
  const { tokens, counts } = embed(f, patches);
  const encoded = encode(f, tokens, counts);
  const start = config.decoder_start_token_id;
  const decoded = decode(f, sharedToken(f, start, [series, config.d_model]), encoded);
  declareForecasts(f, residualBlock(f, "output_patch_embedding", decoded, "head"), scaled);
  return graph.build();
}

/** [batch, rows, channels] → the last rows of [batch · channels, rows]. */
function toSeries(f: Forward, value: string): string {
  const { graph, config, series } = f;
  const rows = graph.shape(value)[1] ?? 0;
  const last = f.slice(value, 1, Math.max(0, rows - config.chronos_config.context_length), rows);
  const kept = graph.shape(last)[1] ?? 0;
  return graph.reshape(graph.transpose(last, [0, 2, 1]), [series, kept]);
}

/** Tokens of the encoder, [REG] last, and which of them count, float32 [series, length]. */
function embed(f: Forward, patches: Patches): { tokens: Tokens; counts: string } {
  const { graph, config, series } = f;
  const { d_model: width } = config;
  const rows = residualBlock(f, "input_patch_embedding", patches.rows);
  if (!config.chronos_config.use_reg_token)
    return { tokens: { rows, length: patches.count }, counts: patches.observed };
  const length = patches.count + 1;
  const stacked = graph.reshape(rows, [series, patches.count, width]);
  const reg = sharedToken(f, REG_ROW, [series, 1, width]);
  const joined = graph.op("Concat", [stacked, reg], { axis: 1 });
  const always = graph.constant({
    dtype: "float32",
    shape: [series, 1],
    data: new Float32Array(series).fill(1),
  });
  return {
    tokens: { rows: graph.reshape(joined, [series * length, width]), length },
    counts: graph.op("Concat", [patches.observed, always], { axis: 1 }),
  };
}

/** One row of `shared.weight`, the same for every series. */
function sharedToken(f: Forward, row: number, shape: readonly number[]): string {
  const token = f.slice(f.weight("shared.weight"), 0, row, row + 1);
  return f.graph.op("Expand", [token, f.graph.integers(shape)]);
}
