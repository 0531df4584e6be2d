import { ModelError } from "../errors.ts";
import type { TtmConfig } from "./schema.ts";

/** One mixer layer: channels (only in `mix_channel` mode), then patches, then features. */
export interface MixerLayerSpec {
  readonly path: string;
  readonly patches: number;
  readonly width: number;
  /** Number of channels mixed, or null where channels stay apart. */
  readonly channels: number | null;
  readonly gated: boolean;
  /** Heads of the attention over patches beside the MLP, or null without it. */
  readonly attentionHeads: number | null;
}

/** Layers at one patching: every patch vector is cut into `factor` pieces. */
interface MixerLevelSpec {
  readonly factor: number;
  readonly layers: readonly MixerLayerSpec[];
}

/** A stack of mixer layers over [patches · series, width]. */
export interface MixerStackSpec {
  readonly path: string;
  readonly patches: number;
  readonly width: number;
  /** Plain stacks have no `mixer_layers` in their paths. */
  readonly adaptive: boolean;
  readonly levels: readonly MixerLevelSpec[];
}

/** Forecast channel mixing. */
export interface ChannelMixingSpec {
  /** Steps seen on each side of a forecast step; a window has 2·context + 1. */
  readonly context: number;
  readonly window: number;
  readonly forecastChannels: readonly number[];
  readonly exogenousChannels: readonly number[];
  readonly gated: boolean;
  readonly mixer: MixerStackSpec | null;
  /** Values of one step that are joined into its forecast. */
  readonly features: number;
  /** Rows of the past in front of the forecast: [from, to) of the context, or null for zeros. */
  readonly past: readonly [from: number, to: number] | null;
}

/** Everything that follows from a configuration: sizes and the tree of modules. */
export interface TtmArchitecture {
  readonly config: TtmConfig;
  readonly scaling: "std" | "mean" | "none";
  /** Patches cut from the window. */
  readonly windowPatches: number;
  /** Patches in the network: one more with the frequency prefix. */
  readonly patches: number;
  /** First row of the context that lies in a patch. */
  readonly firstRow: number;
  readonly encoder: MixerStackSpec;
  readonly decoder:
    | (MixerStackSpec & { readonly adapter: boolean; readonly categories: readonly number[] })
    | null;
  /** Width of the patches that the head reads. */
  readonly headWidth: number;
  /** Steps forecast, after the filter. */
  readonly steps: number;
  readonly forecastChannels: readonly number[] | null;
  readonly channelMixing: ChannelMixingSpec | null;
  /** The one number of channels that the weights fit, or null for any. */
  readonly boundChannels: number | null;
}

/** Pieces of a patch vector this wide or narrower are not made. */
const narrowestPiece = 4;

/**
 * Derives a TinyTimeMixer's sizes from its configuration.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG where keys contradict each other
 */
export function describeTtm(config: TtmConfig): TtmArchitecture {
  const { context_length: rows, patch_length: length, patch_stride: stride } = config;
  if (rows <= length) fail(`context_length ${rows} must be larger than patch_length ${length}`);
  const windowPatches = Math.floor((rows - length) / stride) + 1;
  const patches = windowPatches + (config.resolution_prefix_tuning ? 1 : 0);
  if ((config.num_patches ?? patches) !== patches) {
    fail(
      `num_patches is ${config.num_patches}, but a context of ${rows} has ${patches} patches of ${length}`,
    );
  }
  const filter = config.prediction_filter_length;
  if (filter !== null && filter > config.prediction_length) {
    fail(`prediction_filter_length ${filter} exceeds prediction_length ${config.prediction_length}`);
  }
  const steps = filter ?? config.prediction_length;
  const forecastChannels = forecastChannelsOf(config);
  const channelMixing = config.enable_forecast_channel_mixing
    ? describeChannelMixing(config, forecastChannels)
    : null;
  const decoder = config.use_decoder ? describeDecoder(config, patches) : null;
  const mixes = config.mode === "mix_channel" || channelMixing !== null;
  return {
    config,
    scaling: scalingOf(config),
    windowPatches,
    patches,
    firstRow: rows - (length + stride * (windowPatches - 1)),
    encoder: describeStack({
      path: "backbone.encoder.mlp_mixer_encoder",
      patches,
      width: config.d_model,
      levels: config.adaptive_patching_levels,
      layers: config.num_layers,
      channels: config.mode === "mix_channel" ? config.num_input_channels : null,
      gated: config.gated_attn,
      attentionHeads: headsOf(config),
    }),
    decoder,
    headWidth: decoder?.width ?? config.d_model,
    steps,
    forecastChannels,
    channelMixing,
    boundChannels:
      mixes || (decoder && config.decoder_mode === "mix_channel") ? config.num_input_channels : null,
  };
}

function fail(what: string): never {
  throw new ModelError("MODEL_BAD_CONFIG", what, { fix: "correct config.json, or the override of this key" });
}

function scalingOf({ scaling, scaling_dim }: TtmConfig): TtmArchitecture["scaling"] {
  if (scaling_dim !== 1) fail(`scaling_dim is ${scaling_dim}; only 1, the time axis, is known`);
  if (scaling === "std" || scaling === true) return "std";
  if (scaling === "mean") return "mean";
  if (scaling === null || scaling === false || scaling === "none") return "none";
  return fail(`scaling is '${scaling}'; it may be std, mean or none`);
}

function forecastChannelsOf(config: TtmConfig): readonly number[] | null {
  if (config.prediction_channel_indices) return config.prediction_channel_indices;
  const known = config.exogenous_channel_indices;
  if (!known) return null;
  return Array.from({ length: config.num_input_channels }, (_, channel) => channel).filter(
    (channel) => !known.includes(channel),
  );
}

interface StackShape {
  readonly path: string;
  readonly patches: number;
  readonly width: number;
  readonly levels: number;
  readonly layers: number;
  readonly channels: number | null;
  readonly gated: boolean;
  readonly attentionHeads: number | null;
}

function describeStack(shape: StackShape): MixerStackSpec {
  const { path, patches, width } = shape;
  const adaptive = shape.levels > 0;
  const layersOf = (parent: string, factor: number): MixerLayerSpec[] =>
    Array.from({ length: shape.layers }, (_, index) => ({
      path: `${parent}.${index}`,
      patches: patches * factor,
      width: width / factor,
      channels: shape.channels,
      gated: shape.gated,
      attentionHeads: shape.attentionHeads,
    }));
  const levels = adaptive
    ? Array.from({ length: shape.levels }, (_, index) => {
        const factor = levelFactor(width, shape.levels - 1 - index);
        return { factor, layers: layersOf(`${path}.mixers.${index}.mixer_layers`, factor) };
      })
    : [{ factor: 1, layers: layersOf(`${path}.mixers`, 1) }];
  const heads = shape.attentionHeads;
  const narrow = levels.find(({ factor }) => heads !== null && (width / factor) % heads !== 0);
  if (narrow) fail(`a width of ${width / narrow.factor} cannot be cut into self_attn_heads = ${heads}`);
  return { path, patches, width, adaptive, levels };
}

function headsOf({ self_attn, self_attn_heads }: TtmConfig): number | null {
  return self_attn ? self_attn_heads : null;
}

/** Pieces per patch at a level: 2^level, or 1 where the pieces would be four wide or less. */
function levelFactor(width: number, level: number): number {
  const factor = 2 ** level;
  if (Math.floor(width / factor) <= narrowestPiece) return 1;
  if (width % factor !== 0)
    fail(`a width of ${width} cannot be cut into ${factor} pieces for adaptive patching`);
  return factor;
}

function describeDecoder(config: TtmConfig, patches: number): TtmArchitecture["decoder"] {
  const categories = config.categorical_vocab_size_list ?? [];
  const mixes = config.decoder_mode === "mix_channel";
  if (categories.length > 0 && !mixes) {
    fail("categorical_vocab_size_list needs decoder_mode = mix_channel");
  }
  const stack = describeStack({
    path: "decoder.decoder_block",
    patches,
    width: config.decoder_d_model,
    levels: config.decoder_adaptive_patching_levels,
    layers: config.decoder_num_layers,
    channels: mixes ? config.num_input_channels + categories.length : null,
    gated: config.gated_attn,
    attentionHeads: headsOf(config),
  });
  return { ...stack, adapter: config.d_model !== config.decoder_d_model, categories };
}

function describeChannelMixing(config: TtmConfig, forecast: readonly number[] | null): ChannelMixingSpec {
  const context = config.fcm_context_length;
  const window = 2 * context + 1;
  const forecastChannels =
    forecast ?? Array.from({ length: config.num_input_channels }, (_, channel) => channel);
  const exogenousChannels = config.exogenous_channel_indices ?? [];
  const channels = forecastChannels.length + exogenousChannels.length;
  if (context === 0 && (config.fcm_use_mixer || !config.fcm_gated_attn)) {
    fail("fcm_context_length = 0 needs fcm_gated_attn = true and fcm_use_mixer = false");
  }
  const mixer = config.fcm_use_mixer
    ? describeStack({
        path: "head.fcm_block.exog_mixer",
        patches: channels,
        width: 2 * window,
        levels: 0,
        layers: config.fcm_mix_layers,
        channels: null,
        gated: config.fcm_gated_attn,
        attentionHeads: headsOf(config),
      })
    : null;
  const end = config.context_length - (config.fcm_prepend_past_offset ?? 0);
  if (end - context < 0) fail("fcm_prepend_past_offset reaches in front of the context");
  return {
    context,
    window,
    forecastChannels,
    exogenousChannels,
    gated: config.fcm_gated_attn,
    mixer,
    features: channels * (mixer ? 2 * window : window),
    past: config.fcm_prepend_past ? [end - context, end] : null,
  };
}
