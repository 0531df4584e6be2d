export { ModelError, type ModelErrorCode } from "./errors.ts";
export type { BuildOptions, ForecastModel, LinearModule, WeightSource } from "./forecast-model.ts";
export { type LoadModelOptions, loadModel, readModelConfig } from "./load-model.ts";
export { type ResolveModelOptions, resolveModel } from "./resolve-model.ts";
export { type ModelSettings, modelSettings, weightChoice } from "./schema.ts";
export { type CreateTtmOptions, createTtm } from "./ttm/create-ttm.ts";
