import { createChronosBolt } from "./chronos/create-chronos-bolt.ts";
import type { CreateModelOptions } from "./create-options.ts";
import type { ForecastModel, ModelFamily } from "./forecast-model.ts";
import { createTtm } from "./ttm/create-ttm.ts";

const families = {
  ttm: createTtm,
  "chronos-bolt": createChronosBolt,
} satisfies Record<ModelFamily, (options: CreateModelOptions) => ForecastModel>;

/**
 * A model of a family from a configuration and weights.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG, MODEL_UNSUPPORTED, MODEL_WEIGHTS_MISMATCH
 */
export function createModel(family: ModelFamily, options: CreateModelOptions): ForecastModel {
  return families[family](options);
}
