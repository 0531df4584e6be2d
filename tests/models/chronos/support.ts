import { Random } from "../../../src/core/index.ts";
import { createChronosBolt, type ForecastModel, type RawConfig } from "../../../src/models/index.ts";

export const boltConfig = {
  architectures: ["ChronosBoltModelForForecasting"],
  model_type: "t5",
  d_model: 16,
  d_ff: 24,
  d_kv: 6,
  num_heads: 2,
  num_layers: 2,
  feed_forward_proj: "relu",
  initializer_factor: 0.5,
  chronos_config: {
    context_length: 40,
    prediction_length: 10,
    input_patch_size: 8,
    input_patch_stride: 8,
    quantiles: [0.1, 0.5, 0.9],
    use_reg_token: true,
  },
};

/** A small model with random weights. */
export function tinyBolt(overrides: RawConfig = {}, seed = 1): ForecastModel {
  return createChronosBolt({
    config: boltConfig,
    overrides,
    weights: "random",
    random: Random.fromSeed(seed),
  });
}
