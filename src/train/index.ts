export { type Checkpoint, type FitProgress, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
export { type DropoutMask, drawMasks, feedDropoutMasks } from "./dropout.ts";
export { type EngineOptions, type StepResult, TrainEngine } from "./engine.ts";
export { type ErrorSums, type ForecastErrors, meanErrors, meanLoss } from "./error-sums.ts";
export { TrainError, type TrainErrorCode } from "./errors.ts";
export {
  type CheckpointMoment,
  type EpochReport,
  type FitOptions,
  type FitResult,
  fitModel,
  type StepReport,
  totalSteps,
} from "./fit-model.ts";
export { buildGradientGraph, type GradientGraph, type GradientGraphOptions } from "./gradient-graph.ts";
export { addLoss, type LossKind, lossKinds } from "./loss.ts";
export {
  layoutParameters,
  liftParameters,
  PARAMETERS,
  type ParameterLayout,
  type ParameterSlot,
  packParameters,
  unpackParameters,
} from "./parameters.ts";
export {
  meanAbsoluteScaledError,
  type PointForecasts,
  type PointMetrics,
  pointMetrics,
  type ScaledErrorOptions,
} from "./point-metrics.ts";
export { type QuantileForecasts, type QuantileMetrics, quantileMetrics } from "./quantile-metrics.ts";
export { type TrainingSettings, trainingSchema } from "./schema.ts";
