import { type LearningRateSearch, type LearningRateTrial, searchLearningRates } from "../train/index.ts";
import { describeExperiment, prepareExperiment, startEngine } from "./prepare-experiment.ts";
import type { ExperimentReporter } from "./reporter.ts";
import type { TTMExperimentConfig } from "./schema.ts";

export interface FindLearningRateOptions {
  readonly reporter?: ExperimentReporter;
  readonly signal?: AbortSignal;
  readonly from?: number;
  readonly to?: number;
  readonly trials?: number;
  readonly onTrial?: (trial: LearningRateTrial) => void;
}

/** Tries rising learning rates on the experiment that a config describes, see `searchLearningRates`. Nothing is written. */
export async function findLearningRate(
  config: TTMExperimentConfig,
  { reporter = {}, ...options }: FindLearningRateOptions = {},
): Promise<LearningRateSearch> {
  const experiment = await prepareExperiment(config, reporter);
  reporter.header?.(await describeExperiment(experiment, null));
  const engine = await startEngine(experiment);
  try {
    reporter.phase?.("trying learning rates");
    return await searchLearningRates(engine, {
      ...options,
      trainStarts: experiment.dataset.splits.train.starts,
      batchSize: config.training.batch_size,
      random: experiment.random,
    });
  } finally {
    await engine.close();
  }
}
