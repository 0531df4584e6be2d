import type { Graph, Tensor } from "../onnx/index.ts";

/** A linear layer `y = x·Wᵀ + b` of a model. */
export interface LinearModule {
  /** Module path as torch names it, such as `decoder.adapter`. */
  readonly path: string;
  /** Initializer that holds W, float32 [out, in]. */
  readonly weight: string;
  /** Initializer that holds b, float32 [out], or null where the layer has none. */
  readonly bias: string | null;
  readonly inFeatures: number;
  readonly outFeatures: number;
}

export interface BuildOptions {
  /** Windows per run. */
  readonly batch: number;
  /** Columns of a window. */
  readonly channels: number;
  /** Puts the Dropout nodes in. */
  readonly training: boolean;
  /** Adds the input `past_observed_mask`: 1 observed, 0 missing (the value there should be 0). */
  readonly withMask?: boolean;
  /**
   * Rows of `past_values`; the model's own context length where absent. Of more rows the last ones count.
   * Fewer: a TTM fills up with zeros in front (masked where there is a mask), a Chronos takes a shorter series.
   */
  readonly contextLength?: number;
  /** Rates in place of the configuration's; 0 leaves the nodes out. `headDropout` is that of the last block. */
  readonly dropout?: { readonly dropout?: number; readonly headDropout?: number };
}

/** `config.json`, parsed. */
export type RawConfig = Readonly<Record<string, unknown>>;

export const modelFamilies = ["ttm", "chronos-bolt"] as const;
/** Which code reads a checkpoint. */
export type ModelFamily = (typeof modelFamilies)[number];

/** Where a model's weights come from. */
export interface WeightSource {
  readonly weights: "path" | "hub" | "bundled" | "random";
  /** The folder that they were read from; null where they are random. */
  readonly path: string | null;
  /** The repository on the hub, for `hub`. */
  readonly repo: string | null;
  /** Of `model.safetensors`, lower-case hexadecimal. */
  readonly sha256: string | null;
  /** The commit, where the folder is a snapshot in a hub cache. */
  readonly revision: string | null;
}

/**
 * A forecasting model: weights under their torch names, and a graph for any batch.
 * Every model passes `tests/contracts/model.ts`.
 */
export interface ForecastModel {
  readonly family: ModelFamily;
  /** The configuration as `config.json` holds it, overrides laid over it, unknown keys kept. */
  readonly config: RawConfig;
  /** Rows of context the model looks at. */
  readonly contextLength: number;
  /** Steps forecast, after any filter. */
  readonly predictionLength: number;
  /** The input columns that are forecast, in output order; null for all. */
  readonly predictionChannels: readonly number[] | null;
  /** Quantile levels that are forecast, ascending; null for a model of points. */
  readonly quantiles: readonly number[] | null;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Names of weights that no file held and that were initialised at random. */
  readonly initialised: readonly string[];
  /** Names of the weights that full fine-tuning trains: all but fixed tables and batch norm's statistics. */
  readonly trainableWeights: readonly string[];
  /** Every torch module path, containers too, in torch's order. */
  readonly modules: readonly string[];
  /** In torch's order. */
  readonly linearModules: readonly LinearModule[];
  /** Named choices of linear modules for adapters. */
  readonly targetPresets: Readonly<Record<string, readonly string[]>>;
  readonly source: WeightSource;
  /**
   * The forward graph. Inputs: `past_values` float32 [batch, contextLength, channels] (the same shape for
   * `past_observed_mask`), and what the configuration asks for: `freq_token` int64 [batch],
   * `static_categorical_values` int64 [batch, variables], `future_values` float32 [batch, predictionLength, channels]
   * (known columns only are read). Output: `predictions` float32 [batch, predictionLength, forecast channels], in the
   * units fed in. Weights are initializers under their torch names and with torch's shapes.
   *
   * A model of quantiles also has the output `quantiles` float32 [batch, levels, predictionLength, channels], and the
   * graph holds the values it is made of, for a loss to read: `quantiles` = `standard_quantiles`·`scale` + `loc`,
   * with `loc` and `scale` [batch, 1, channels] of each series' context. NaN in `past_values` is a missing value, with
   * or without a mask; `predictions` is the median.
   *
   * @throws {ModelError} MODEL_BAD_INPUT where the model cannot take this number of channels
   */
  build(options: BuildOptions): Graph;
}
