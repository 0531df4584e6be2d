export { withInterrupts } from "../launch/index.ts";
export { comparisonMetrics } from "./comparison-metrics.ts";
export type { ConfigManager, RunFolder } from "./config-managers/config-manager.ts";
export { FixedConfigManager } from "./config-managers/fixed-config-manager.ts";
export {
  HydraConfigManager,
  type HydraConfigManagerOptions,
} from "./config-managers/hydra-config-manager.ts";
export { SimpleConfigManager } from "./config-managers/simple-config-manager.ts";
export { ExperimentError, type ExperimentErrorCode } from "./errors.ts";
export { evaluateExperiment, openRun, type StoredRun } from "./evaluate-experiment.ts";
export { packagedConfigDir } from "./packaged-config.ts";
export { type EndSweep, type RecordedSweep, recordSweep, sweepRunId } from "./record-sweep.ts";
export type { Comparison, ExperimentHeader, ExperimentReporter } from "./reporter.ts";
export { type ExperimentResult, type RunExperimentOptions, runExperiment } from "./run-experiment.ts";
export { experimentSchema, type TrainingConfig, type TTMExperimentConfig } from "./schema.ts";
export { type TrainingRun, TTMTrainer, type TTMTrainerOptions } from "./ttm-trainer.ts";
