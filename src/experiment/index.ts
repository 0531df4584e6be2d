export { withInterrupts } from "../launch/index.ts";
export type { LearningRateSearch, LearningRateTrial } from "../train/index.ts";
export {
  type EpochReport,
  type EvaluationReport,
  type ForecastBatch,
  type Metric,
  type MetricSum,
  registerMetric,
  type StepReport,
  type StopReason,
  type TrainingCallback,
  type TrainingControl,
  type TrainingStart,
} from "../train/index.ts";
export { comparisonMetrics } from "./comparison-metrics.ts";
export type { ConfigManager, RunFolder } from "./config-managers/config-manager.ts";
export { FixedConfigManager } from "./config-managers/fixed-config-manager.ts";
export {
  HydraConfigManager,
  type HydraConfigManagerOptions,
} from "./config-managers/hydra-config-manager.ts";
export { SimpleConfigManager } from "./config-managers/simple-config-manager.ts";
export { ExperimentError, type ExperimentErrorCode } from "./errors.ts";
export { evaluateExperiment, openRun, openUnfinishedRun, type StoredRun } from "./evaluate-experiment.ts";
export { type ExportTrainStepOptions, exportTrainStep, stepFiles } from "./export-train-step.ts";
export { type FindLearningRateOptions, findLearningRate } from "./find-learning-rate.ts";
export { mergeAdapterInto, type OpenedAdapter, openAdapter } from "./open-adapter.ts";
export { packagedConfigDir } from "./packaged-config.ts";
export { type EndSweep, type RecordedSweep, recordSweep, sweepRunId } from "./record-sweep.ts";
export { type RegisterRunOptions, registerRun } from "./register-run.ts";
export { registryFolder, withRegisteredModel } from "./registered-model.ts";
export type { Comparison, ExperimentHeader, ExperimentReporter } from "./reporter.ts";
export { hasCheckpoint } from "./run-checkpoint.ts";
export { type ExperimentResult, type RunExperimentOptions, runExperiment } from "./run-experiment.ts";
export { experimentSchema, type TrainingConfig, type TTMExperimentConfig } from "./schema.ts";
export {
  type CallbackContext,
  type MakeTrainingCallback,
  registerTrainingCallback,
} from "./training-callbacks.ts";
export { type TrainingRun, TTMTrainer, type TTMTrainerOptions } from "./ttm-trainer.ts";
