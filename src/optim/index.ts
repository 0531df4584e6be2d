export { type AdafactorOptions, adafactor } from "./adafactor.ts";
export { type AdamOptions, adam } from "./adam.ts";
export { type AdamWOptions, adamW } from "./adamw.ts";
export { createOptimizer, createSchedule } from "./from-settings.ts";
export { type LionOptions, lion } from "./lion.ts";
export { withAverage } from "./moving-average.ts";
export type { Optimizer, StepInfo, UpdateInputs, UpdateOutputs } from "./optimizer.ts";
export {
  type GroupedFactors,
  type GroupedTensor,
  multiplyFactors,
  type ParameterFactors,
  parameterFactors,
} from "./parameter-groups.ts";
export { type PlateauOptions, plateauSchedule } from "./plateau-schedule.ts";
export type { OneCycleOptions, Rate, Schedule, WarmupOptions } from "./schedule.ts";
export { constantSchedule, cosineSchedule, linearSchedule, oneCycleSchedule } from "./schedule.ts";
export type { OptimizerSettings, SchedulerSettings } from "./schema.ts";
export { optimizerSchema, schedulerSchema } from "./schema.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export { type StableDecayOptions, stableDecaySchedule } from "./stable-decay-schedule.ts";
export { buildUpdateGraph, type UpdateGraphOptions } from "./update-graph.ts";
