import { z } from "zod";
import { didYouMean } from "../../core/index.ts";
import { ModelError } from "../errors.ts";
import type { RawConfig } from "../forecast-model.ts";

const size = z.int().positive();
const rate = z.number().min(0).lt(1);

const chronosConfig = z.looseObject({
  context_length: size,
  prediction_length: size,
  input_patch_size: size,
  input_patch_stride: size,
  quantiles: z.array(z.number().gt(0).lt(1)).min(1).refine(ascends, "must ascend"),
  use_reg_token: z.boolean().default(false),
});

/**
 * `config.json` of a Chronos-Bolt: T5's keys with T5's defaults, and `chronos_config`. Unknown keys pass through.
 *
 * @see chronos-forecasting, chronos_bolt.py; transformers, configuration_t5.py
 */
const boltConfig = z.looseObject({
  model_type: z.literal("t5").default("t5"),
  architectures: z.array(z.string()).nullable().default(null),
  d_model: size.default(512),
  d_kv: size.default(64),
  d_ff: size.default(2048),
  num_layers: size.default(6),
  num_decoder_layers: size.nullish(),
  num_heads: size.default(8),
  relative_attention_num_buckets: size.default(32),
  relative_attention_max_distance: size.default(128),
  dropout_rate: rate.default(0.1),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  initializer_factor: z.number().positive().default(1),
  feed_forward_proj: z.literal("relu").default("relu"),
  decoder_start_token_id: z.int().nonnegative().default(0),
  chronos_config: chronosConfig,
  /** Ours: only the first steps are forecast. */
  prediction_filter_length: size.nullable().default(null),
});

export type BoltConfig = z.infer<typeof boltConfig>;

function ascends(levels: readonly number[]): boolean {
  return levels.every((level, index) => index === 0 || level > (levels[index - 1] as number));
}

/**
 * Checks a parsed `config.json`.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG with every wrong key and its value, MODEL_UNSUPPORTED for what is no Chronos-Bolt
 */
export function parseBoltConfig(raw: RawConfig, where: string): BoltConfig {
  refuseOtherModels(raw, where);
  const parsed = boltConfig.safeParse(raw);
  if (!parsed.success) {
    const detail = parsed.error.issues.map((issue) => {
      const key = issue.path.join(".");
      return `${key}: ${JSON.stringify(issue.path.reduce<unknown>(child, raw))}: ${issue.message}`;
    });
    throw new ModelError("MODEL_BAD_CONFIG", "the model configuration has keys with wrong values", {
      where: { text: where, detail },
      fix: "correct these keys; src/models/chronos/schema.ts lists what each may be",
    });
  }
  checkLengths(parsed.data, where);
  return parsed.data;
}

/** Overrides laid over a configuration; `chronos_config` is laid over key by key. */
export function withOverrides(config: RawConfig, overrides: RawConfig): RawConfig {
  const [inner, over] = [config["chronos_config"], overrides["chronos_config"]];
  const merged = isObject(inner) && isObject(over) ? { chronos_config: { ...inner, ...over } } : {};
  return { ...config, ...overrides, ...merged };
}

/**
 * Holds the names of overrides against the keys there are: a misspelt one would do nothing.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG with the nearest key
 */
export function checkOverrides(overrides: RawConfig, config: RawConfig): void {
  checkKeys(overrides, [...Object.keys(boltConfig.shape), ...Object.keys(config)], "");
  const [inner, over] = [config["chronos_config"], overrides["chronos_config"]];
  if (!isObject(over)) return;
  const own = isObject(inner) ? Object.keys(inner) : [];
  checkKeys(over, [...Object.keys(chronosConfig.shape), ...own], "chronos_config.");
}

function checkKeys(overrides: RawConfig, known: readonly string[], prefix: string): void {
  const wrong = Object.keys(overrides).find((key) => !known.includes(key));
  if (wrong === undefined) return;
  throw new ModelError("MODEL_BAD_CONFIG", `the model configuration has no key '${prefix}${wrong}'`, {
    where: `override ${prefix}${wrong}=${JSON.stringify(overrides[wrong])}`,
    fix: didYouMean(wrong, known) ?? "use a key of config.json; src/models/chronos/schema.ts lists them",
  });
}

function isObject(value: unknown): value is RawConfig {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function child(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function checkLengths(
  { chronos_config, prediction_filter_length, decoder_start_token_id }: BoltConfig,
  where: string,
): void {
  const { prediction_length, context_length, input_patch_size, use_reg_token } = chronos_config;
  const faults = [
    prediction_filter_length !== null && prediction_filter_length > prediction_length
      ? `prediction_filter_length: ${prediction_filter_length}: the model forecasts ${prediction_length} steps`
      : null,
    context_length < input_patch_size
      ? `chronos_config.context_length: ${context_length}: at least one patch of ${input_patch_size}`
      : null,
    decoder_start_token_id >= tokens(use_reg_token)
      ? `decoder_start_token_id: ${decoder_start_token_id}: there are ${tokens(use_reg_token)} tokens`
      : null,
  ].filter((fault) => fault !== null);
  if (faults.length === 0) return;
  throw new ModelError("MODEL_BAD_CONFIG", "the model configuration has keys with wrong values", {
    where: { text: where, detail: faults },
    fix: "correct these keys",
  });
}

/** Rows of `shared.weight`: the decoder's start, and [REG] where it is used. */
export function tokens(useRegToken: boolean): number {
  return useRegToken ? 2 : 1;
}

function refuseOtherModels(raw: RawConfig, where: string): void {
  const type = raw["model_type"] ?? "t5";
  if (type !== "t5") {
    refuse(
      where,
      "model_type",
      type,
      "this folder holds another kind of model; give one with a Chronos-Bolt",
    );
  }
  const architectures = Array.isArray(raw["architectures"]) ? raw["architectures"] : [];
  if (architectures.length > 0 && !architectures.includes("ChronosBoltModelForForecasting")) {
    refuse(
      where,
      "architectures",
      architectures,
      "use a Chronos-Bolt checkpoint; Chronos-T5 and Chronos-2 are other models",
    );
  }
  const activation = raw["feed_forward_proj"] ?? "relu";
  if (activation !== "relu") {
    refuse(where, "feed_forward_proj", activation, "use a published Chronos-Bolt; all of them have relu");
  }
}

function refuse(where: string, key: string, value: unknown, fix: string): never {
  throw new ModelError("MODEL_UNSUPPORTED", `${key} = ${JSON.stringify(value)} is not supported`, {
    where,
    fix,
  });
}
