import { z } from "zod";
import { didYouMean } from "../../core/index.ts";
import { ModelError } from "../errors.ts";

const size = z.int().positive();
const count = z.int().nonnegative();
const rate = z.number().min(0).lt(1);
const channelMode = z.enum(["common_channel", "mix_channel"]);
const initialisation = z.enum(["pytorch", "normal", "uniform", "xavier_uniform"]);
const channelList = z
  .array(count)
  .nullable()
  .default(null)
  .transform((indices) => indices?.toSorted((a, b) => a - b) ?? null);

/**
 * `config.json` of a TinyTimeMixer, with the defaults of IBM's class for absent keys. Unknown keys pass through.
 *
 * @see granite-tsfm, configuration_tinytimemixer.py
 */
const ttmConfig = z.looseObject({
  model_type: z.literal("tinytimemixer").default("tinytimemixer"),
  architectures: z.array(z.string()).nullable().default(null),

  // the window
  context_length: size.default(64),
  patch_length: size.default(8),
  patch_stride: size.default(8),
  num_patches: size.nullish(),
  prediction_length: size.default(16),
  prediction_filter_length: size.nullable().default(null),
  num_input_channels: size.default(1),
  prediction_channel_indices: channelList,
  exogenous_channel_indices: channelList,
  scaling: z.union([z.string(), z.boolean(), z.null()]).default("std"),
  scaling_dim: z.int().default(1),
  minimum_scale: z.number().optional(),
  masked_context_length: size.nullable().default(null),

  // the mixers
  d_model: size.default(16),
  expansion_factor: size.default(2),
  num_layers: size.default(3),
  adaptive_patching_levels: z.int().default(0),
  mode: channelMode.default("common_channel"),
  gated_attn: z.boolean().default(true),
  norm_mlp: z.string().default("LayerNorm"),
  norm_eps: z.number().positive().default(1e-5),
  dropout: rate.default(0.2),
  head_dropout: rate.default(0.2),
  self_attn: z.boolean().default(false),
  self_attn_heads: size.default(1),
  use_positional_encoding: z.boolean().default(false),
  positional_encoding_type: z.enum(["sincos", "random"]).default("sincos"),
  resolution_prefix_tuning: z.boolean().default(false),
  frequency_token_vocab_size: size.default(5),

  // the decoder
  use_decoder: z.boolean().default(true),
  decoder_num_layers: size.default(8),
  decoder_d_model: size.default(8),
  decoder_adaptive_patching_levels: z.int().default(0),
  decoder_raw_residual: z.boolean().default(false),
  decoder_mode: channelMode.default("common_channel"),
  categorical_vocab_size_list: z.array(size).nullable().default(null),

  // forecast channel mixing
  enable_forecast_channel_mixing: z.boolean().default(false),
  fcm_gated_attn: z.boolean().default(true),
  fcm_context_length: count.default(1),
  fcm_use_mixer: z.boolean().default(false),
  fcm_mix_layers: size.default(2),
  fcm_prepend_past: z.boolean().default(true),
  fcm_prepend_past_offset: size.nullable().default(null),

  // training and new weights
  loss: z.string().nullable().default("mse"),
  quantile: z.number().default(0.5),
  huber_delta: z.number().default(1),
  init_linear: initialisation.default("pytorch"),
  init_embed: initialisation.default("pytorch"),
  init_std: z.number().positive().default(0.02),
  post_init: z.boolean().default(false),
});

export type TtmConfig = z.infer<typeof ttmConfig>;

/**
 * Checks a parsed `config.json`.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG with every wrong key and its value, MODEL_UNSUPPORTED for what is not TTM-R1/R2
 */
export function parseTtmConfig(raw: Readonly<Record<string, unknown>>, where: string): TtmConfig {
  refuseOtherModels(raw, where);
  const parsed = ttmConfig.safeParse(raw);
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map((issue) => {
    const key = issue.path.join(".");
    return `${key}: ${JSON.stringify(issue.path.reduce<unknown>(child, raw))}: ${issue.message}`;
  });
  throw new ModelError("MODEL_BAD_CONFIG", "the model configuration has keys with wrong values", {
    where: { text: where, detail },
    fix: "correct these keys; src/models/ttm/schema.ts lists what each may be",
  });
}

/**
 * Holds the names of overrides against the keys there are: a misspelt one would do nothing.
 *
 * @param config  the configuration under the overrides, whose own keys are known too
 * @throws {ModelError} MODEL_BAD_CONFIG with the nearest key
 */
export function checkOverrides(
  overrides: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>>,
): void {
  const known = new Set([
    ...Object.keys(ttmConfig.shape),
    ...Object.keys(inert),
    ...idle,
    ...Object.keys(config),
  ]);
  const wrong = Object.keys(overrides).find((key) => !known.has(key));
  if (wrong === undefined) return;
  throw new ModelError("MODEL_BAD_CONFIG", `the model configuration has no key '${wrong}'`, {
    where: `override ${wrong}=${JSON.stringify(overrides[wrong])}`,
    fix: didYouMean(wrong, known) ?? "use a key of config.json; src/models/ttm/schema.ts lists them",
  });
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

/** Keys of IBM's class that change nothing here. */
const idle = ["distribution_output", "num_parallel_samples", "mask_value", "patch_last"];

/** The values with which keys of later releases (TTM-R3) do nothing; any other value is another model. */
const inert: Readonly<Record<string, readonly unknown[]>> = {
  multi_scale: [false],
  decompose: [false],
  register_tokens: [0],
  fft_length: [0],
  multi_quantile_head: [false],
  light_mode: [false],
  enable_base_norm_always: [false],
  gate_mode: ["softmax"],
  masked_context_length: [],
};

function refuseOtherModels(raw: Readonly<Record<string, unknown>>, where: string): void {
  const type = raw["model_type"] ?? "tinytimemixer";
  if (type !== "tinytimemixer") {
    refuse(
      where,
      "model_type",
      type,
      "this folder holds another kind of model; give one with a TinyTimeMixer",
    );
  }
  const architectures = Array.isArray(raw["architectures"]) ? raw["architectures"] : [];
  if (architectures.length > 0 && !architectures.includes("TinyTimeMixerForPrediction")) {
    refuse(
      where,
      "architectures",
      architectures,
      "use a checkpoint of TinyTimeMixerForPrediction (TTM-R1, R2, R2.1)",
    );
  }
  for (const [key, allowed] of Object.entries(inert)) {
    const value = raw[key];
    if (value === undefined || value === null || allowed.includes(value)) continue;
    refuse(
      where,
      key,
      value,
      "use a TTM-R1, R2 or R2.1 checkpoint, whose configurations leave this key out or off",
    );
  }
  if (raw["scaling"] === "revin") refuse(where, "scaling", "revin", "use a TTM-R1, R2 or R2.1 checkpoint");
  if (raw["loss"] === "nll")
    refuse(where, "loss", "nll", "use a checkpoint with a point forecast (mse, mae, pinball, huber)");
}

function refuse(where: string, key: string, value: unknown, fix: string): never {
  throw new ModelError("MODEL_UNSUPPORTED", `${key} = ${JSON.stringify(value)} is not supported`, {
    where,
    fix,
  });
}
