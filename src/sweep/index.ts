export type { SweepErrorCode } from "./errors.ts";
export { SweepError } from "./errors.ts";
export { gridSweeper } from "./grid-sweeper.ts";
export { PromotionHalving } from "./halving/promotion-halving.ts";
export type { PruneDecision, Pruner } from "./halving/pruner.ts";
export { StoppingHalving } from "./halving/stopping-halving.ts";
export { SuccessiveHalving } from "./halving/successive-halving.ts";
export type { Direction, Objective, ObjectiveValues } from "./objectives.ts";
export { objectiveValues, readObjectives } from "./objectives.ts";
export { optimizationResults } from "./optimization-results.ts";
export type { OptunaExport } from "./optuna-journal.ts";
export { exportOptunaJournal } from "./optuna-journal.ts";
export { randomSampler } from "./samplers/random-sampler.ts";
export type { Sampler, SamplerFactory, SamplerRequest, Trial } from "./samplers/sampler.ts";
export { sobolSampler } from "./samplers/sobol-sampler.ts";
export { SobolSequence } from "./samplers/sobol-sequence.ts";
export { tpeSampler } from "./samplers/tpe-sampler.ts";
export type { Distribution } from "./space/distribution.ts";
export type { SweepAxis } from "./sweep-axes.ts";
export { requestSlots, sweepAxes } from "./sweep-axes.ts";
export { sweepParams } from "./sweep-params.ts";
export type { RecordedOutcome, SweepRecord } from "./sweep-record.ts";
export type { SweepSlot } from "./sweep-slots.ts";
export { sweepSlots } from "./sweep-slots.ts";
export type {
  PointOutcome,
  PointReport,
  Sweeper,
  SweeperFactory,
  SweepPoint,
  SweepRequest,
} from "./sweeper.ts";
export { createSweeper, findSweeper } from "./sweeper-registry.ts";
