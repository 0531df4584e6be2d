export { createChronosBolt } from "./chronos/create-chronos-bolt.ts";
export { createModel } from "./create-model.ts";
export type { CreateModelOptions } from "./create-options.ts";
export { ModelError, type ModelErrorCode } from "./errors.ts";
export {
  type BuildOptions,
  type ForecastModel,
  type LinearModule,
  type ModelFamily,
  modelFamilies,
  type RawConfig,
  type WeightSource,
} from "./forecast-model.ts";
export { type HubAccess, hubAccess } from "./hub/hub-access.ts";
export { type LoadModelOptions, loadModel, readModelConfig } from "./load-model.ts";
export { type ResolveModelOptions, resolveModel } from "./resolve-model.ts";
export { type ModelSettings, modelSettings, weightChoice } from "./schema.ts";
export { createTtm } from "./ttm/create-ttm.ts";
