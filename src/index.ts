// The door `ttm`: everything a program needs to fine-tune a forecaster and record the run.
export type { RunningSweep, SweepResult } from "./app/index.ts";
export { type SweepOptions, type SweptValues, sweep } from "./cli/index.ts";
export type { ErrorWhere, TtmErrorOptions } from "./core/index.ts";
export { formatError, Random, TtmError, TtmErrors } from "./core/index.ts";
export * from "./experiment/index.ts";
export { addLoraAdapters, LoRAManager, type LoraConfig } from "./lora/index.ts";
export { type ForecastModel, loadModel, resolveModel } from "./models/index.ts";
export {
  CompositeTracker,
  type ExperimentEnd,
  type ExperimentStart,
  type ExperimentTracker,
  type LoggedModel,
  type MetricMoment,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
} from "./tracking/index.ts";
