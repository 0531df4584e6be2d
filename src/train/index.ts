export {
  type BatchShares,
  type Checkpoint,
  type CheckpointState,
  type FitProgress,
  readCheckpoint,
  writeCheckpoint,
} from "./checkpoint.ts";
export { type DropoutMask, drawMasks, feedDropoutMasks } from "./dropout.ts";
export { earlyStopping } from "./early-stopping.ts";
export { type EngineOptions, type StepResult, TrainEngine } from "./engine.ts";
export { type ErrorSums, type ForecastErrors, meanErrors, meanLoss } from "./error-sums.ts";
export { TrainError, type TrainErrorCode } from "./errors.ts";
export { type ExportStepOptions, exportStep, type StepProduct, type StepValue } from "./export-step.ts";
export { type FitOptions, type FitResult, fitModel, totalSteps } from "./fit-model.ts";
export {
  type FitStreamOptions,
  type FitStreamResult,
  fitStream,
  type ValidationReport,
} from "./fit-stream.ts";
export { buildGradientGraph, type GradientGraph, type GradientGraphOptions } from "./gradient-graph.ts";
export { joinStep, type StepGraphs } from "./join-step.ts";
export { addLoss, type LossKind, lossKinds } from "./loss.ts";
export {
  addLossScaling,
  LOSS_SCALE,
  type LossScaling,
  type StateSlot,
  scalingState,
  torchLossScaling,
} from "./loss-scaling.ts";
export { measureForecasts } from "./measure-forecasts.ts";
export { type ForecastBatch, type Metric, metricsNamed, registerMetric } from "./metric-registry.ts";
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
  type MetricSum,
  meanAbsoluteScaledError,
  type PointForecasts,
  type PointMetrics,
  pointMetrics,
  type ScaledErrorOptions,
} from "./point-metrics.ts";
export { choosePrecision, type MixedPrecision, mixedPrecisions, type PrecisionChoice } from "./precision.ts";
export { type QuantileForecasts, type QuantileMetrics, quantileMetrics } from "./quantile-metrics.ts";
export { type SaveCheckpointsOptions, saveCheckpoints } from "./save-checkpoints.ts";
export { isCarried, scanSteps } from "./scan-steps.ts";
export { type TrainingSettings, trainingSchema } from "./schema.ts";
export {
  type LearningRateSearch,
  type LearningRateTrial,
  type SearchLearningRatesOptions,
  searchLearningRates,
} from "./search-learning-rates.ts";
export { SeriesStream, type SeriesStreamOptions } from "./series-stream.ts";
export { readStreamCheckpoint, type StreamCheckpoint, writeStreamCheckpoint } from "./stream-checkpoint.ts";
export type {
  EpochReport,
  EvaluationReport,
  StepReport,
  StopReason,
  TrainingCallback,
  TrainingControl,
  TrainingStart,
} from "./training-callback.ts";
export { type WatchGradientsOptions, watchGradients } from "./watch-gradients.ts";
