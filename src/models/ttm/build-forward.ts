import type { Graph, Tensor } from "../../onnx/index.ts";
import { ModelError } from "../errors.ts";
import type { BuildOptions } from "../forecast-model.ts";
import type { TtmArchitecture } from "./architecture.ts";
import { decode } from "./decoder.ts";
import { encode } from "./encoder.ts";
import { Forward } from "./forward.ts";
import { forecast } from "./head.ts";
import { cutPatches } from "./patcher.ts";
import { scale } from "./scaler.ts";

/**
 * The forward graph of a TinyTimeMixer; inputs and output as {@link ForecastModel.build} says. Activations are matrices
 * [patches · series, features] with patches outermost, so mixing patches and mixing features are both one Gemm.
 *
 * @throws {ModelError} MODEL_BAD_INPUT where the configuration cannot take the number of channels
 */
export function buildForward(
  architecture: TtmArchitecture,
  weights: ReadonlyMap<string, Tensor>,
  options: BuildOptions,
): Graph {
  checkOptions(architecture, options);
  const f = new Forward(architecture, weights, options);
  const { graph } = f;
  const { batch, channels } = options;
  const shape = [batch, options.contextLength ?? architecture.config.context_length, channels];
  const past = fitContext(f, graph.input("past_values", "float32", shape));
  const mask = options.withMask ? fitContext(f, graph.input("past_observed_mask", "float32", shape)) : null;
  const frequency = architecture.config.resolution_prefix_tuning
    ? graph.input("freq_token", "int64", [batch])
    : null;
  const categories = architecture.decoder?.categories.length
    ? graph.input("static_categorical_values", "int64", [batch, architecture.decoder.categories.length])
    : null;
  const future = architecture.channelMixing?.exogenousChannels.length
    ? graph.input("future_values", "float32", [batch, architecture.steps, channels])
    : null;

  const scaled = scale(f, past, mask);
  const patches = cutPatches(f, scaled.z);
  const encoded = encode(f, patches, frequency);
  const decoded = architecture.decoder
    ? decode(f, architecture.decoder, encoded, patches, categories)
    : encoded;
  graph.output(forecast(f, decoded, scaled, past, future), "predictions");
  return graph.build();
}

/** The last rows of a longer window; a shorter one with zeros in front. */
function fitContext(f: Forward, value: string): string {
  const { graph, architecture, options } = f;
  const rows = architecture.config.context_length;
  const given = graph.shape(value)[1] ?? 0;
  if (given >= rows) return f.slice(value, 1, given - rows, given);
  return graph.op("Concat", [f.zeros([options.batch, rows - given, options.channels]), value], { axis: 1 });
}

function checkOptions(
  { boundChannels, forecastChannels, channelMixing }: TtmArchitecture,
  options: BuildOptions,
): void {
  const { channels } = options;
  if (boundChannels !== null && channels !== boundChannels) {
    throw new ModelError(
      "MODEL_BAD_INPUT",
      `the model mixes ${boundChannels} channels, but the data have ${channels}`,
      {
        fix: `feed ${boundChannels} columns, or use a configuration with mode, decoder_mode = common_channel and without forecast channel mixing`,
      },
    );
  }
  const named = [...(forecastChannels ?? []), ...(channelMixing?.exogenousChannels ?? [])];
  const outside = named.filter((channel) => channel >= channels);
  if (outside.length > 0) {
    throw new ModelError(
      "MODEL_BAD_INPUT",
      `the model names channel ${outside[0]}, but the data have ${channels}`,
      {
        fix: "correct prediction_channel_indices and exogenous_channel_indices, or feed more columns",
      },
    );
  }
}
