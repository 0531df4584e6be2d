import { resolveDevice } from "../runtime/index.ts";
import { type BatchShares, TrainEngine, totalSteps } from "../train/index.ts";
import { chooseSizes, type MeasureStep } from "./choose-sizes.ts";
import { engineSettings } from "./engine-settings.ts";
import { type PreparedExperiment, stepOptions } from "./prepare-experiment.ts";

const WARM_UP = 2;
const TIMED = 4;

/** How batches are to be cut where `runtime.workers` or `runtime.micro_batch` is `auto`; undefined where it is not. */
export async function measureSizes(experiment: PreparedExperiment): Promise<BatchShares | undefined> {
  const { config, dataset, model } = experiment;
  const { num_epochs, batch_size, lora_rank } = config.training;
  const starts = dataset.splits.train.starts;
  return chooseSizes({
    config,
    settings: engineSettings(config, await resolveDevice(config.runtime.device, config.runtime.device_id)),
    subject: [model.family, model.config, config.lora, lora_rank, dataset.columns.length],
    plannedSteps: totalSteps(starts.length, batch_size, num_epochs),
    measure: measureWith(experiment, starts.slice(0, batch_size)),
  });
}

/** The fastest of a few steps on one batch that change nothing: other processes can only make a step slower. */
function measureWith(experiment: PreparedExperiment, batch: Int32Array): MeasureStep {
  const { config, dataset, trainable } = experiment;
  return async (sizes) => {
    const settings = engineSettings(
      config,
      await resolveDevice(config.runtime.device, config.runtime.device_id),
    );
    const engine = await TrainEngine.start({
      dataset,
      parameters: trainable.initial,
      ...stepOptions(experiment),
      ...settings,
      ...sizes,
      seed: config.seed,
    });
    try {
      let milliseconds = Number.POSITIVE_INFINITY;
      for (let step = 0; step < WARM_UP + TIMED; step++) {
        const began = performance.now();
        await engine.step(batch, { learningRate: 0 });
        if (step >= WARM_UP) milliseconds = Math.min(milliseconds, performance.now() - began);
      }
      return { ...engine.shares, milliseconds };
    } finally {
      await engine.close();
    }
  };
}
