export { type AdamWOptions, adamW } from "./adamw.ts";
export { createOptimizer, createSchedule } from "./from-settings.ts";
export type { Optimizer, StepInfo, UpdateInputs, UpdateOutputs } from "./optimizer.ts";
export type { OneCycleOptions, Rate, Schedule, WarmupOptions } from "./schedule.ts";
export { constantSchedule, cosineSchedule, linearSchedule, oneCycleSchedule } from "./schedule.ts";
export type { OptimizerSettings, SchedulerSettings } from "./schema.ts";
export { optimizerSchema, schedulerSchema } from "./schema.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
export { buildUpdateGraph, type UpdateGraphOptions } from "./update-graph.ts";
