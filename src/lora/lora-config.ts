/**
 * The settings of an adapter under PEFT's own names, complete: what `adapter_config.json` says about the mathematics.
 *
 * @see peft 0.21 `tuners/lora/config.py`
 */
export interface LoraConfig {
  /** Rank, at least 1. */
  readonly r: number;
  /** The update is scaled by `lora_alpha / r`, or `lora_alpha / √r` with `use_rslora`. */
  readonly lora_alpha: number;
  /** Probability in [0, 1) that an input of the adapter is dropped while training. */
  readonly lora_dropout: number;
  /** List: a module's name or a dotted end of it. String: a regular expression for the whole name, or `all-linear`. */
  readonly target_modules: readonly string[] | string | null;
  /** Matched like `target_modules`; wins over it. */
  readonly exclude_modules: readonly string[] | string | null;
  /** Only these layers; with a list of targets. */
  readonly layers_to_transform: readonly number[] | number | null;
  /** Name of the list that holds the layers; with `layers_to_transform`. */
  readonly layers_pattern: readonly string[] | string | null;
  /** Regular expression of a name's end → rank; the first that matches counts. */
  readonly rank_pattern: Readonly<Record<string, number>>;
  /** Regular expression of a name's end → alpha; the first that matches counts. */
  readonly alpha_pattern: Readonly<Record<string, number>>;
  readonly bias: "none" | "all" | "lora_only";
  /** A trained bias on B. */
  readonly lora_bias: boolean;
  /** Modules that are trained whole and stored beside the adapter. */
  readonly modules_to_save: readonly string[] | null;
  readonly use_rslora: boolean;
  readonly use_dora: boolean;
  /**
   * How A and B start: true, false, `gaussian`, `orthogonal`, or with a part of the base weight: `pissa`, `pissa_niter_<k>`, `olora`. A
   * stored adapter may name another start of PEFT's that leaves the base weights alone.
   */
  readonly init_lora_weights: boolean | string;
}

/** PEFT's defaults. */
export const loraDefaults: LoraConfig = Object.freeze({
  r: 8,
  lora_alpha: 8,
  lora_dropout: 0,
  target_modules: null,
  exclude_modules: null,
  layers_to_transform: null,
  layers_pattern: null,
  rank_pattern: {},
  alpha_pattern: {},
  bias: "none",
  lora_bias: false,
  modules_to_save: null,
  use_rslora: false,
  use_dora: false,
  init_lora_weights: true,
});

/** The release whose semantics and key set are followed. */
const PEFT_VERSION = "0.21.2";

/** Keys of `adapter_config.json` that say what the file is, not what it computes. */
export const envelopeDefaults = Object.freeze({
  auto_mapping: null,
  base_model_name_or_path: null,
  inference_mode: true,
  peft_type: "LORA",
  peft_version: PEFT_VERSION,
  revision: null,
  task_type: null,
});

/** Variants not offered here: written with these values, refused with any other. */
export const variantDefaults = Object.freeze({
  alora_invocation_tokens: null,
  arrow_config: null,
  corda_config: null,
  ensure_weight_tying: false,
  eva_config: null,
  fan_in_fan_out: false,
  kasa_config: null,
  layer_replication: null,
  loftq_config: {},
  lora_ga_config: null,
  megatron_config: null,
  megatron_core: "megatron.core",
  monteclora_config: null,
  qalora_group_size: 16,
  target_parameters: null,
  trainable_token_indices: null,
  use_bdlora: null,
  use_qalora: false,
  velora_config: null,
});
