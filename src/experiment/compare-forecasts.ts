import { seasonalNaive } from "../data/index.ts";
import { type ForecastErrors, meanErrors, type TrainEngine } from "../train/index.ts";
import { ExperimentError } from "./errors.ts";
import type { PreparedExperiment } from "./prepare-experiment.ts";

/** Errors on the test split with the engine's parameters as they are now. */
export async function testErrors(
  engine: TrainEngine,
  { dataset }: PreparedExperiment,
): Promise<ForecastErrors> {
  requireTestWindows(dataset.splits.test.starts.length);
  return meanErrors(await engine.evaluate(dataset.splits.test.starts), dataset.targetChannels);
}

/** The same with the model as it was before any training; the engine's parameters are left as they were. */
export async function zeroShotErrors(
  engine: TrainEngine,
  experiment: PreparedExperiment,
): Promise<ForecastErrors> {
  const kept = engine.readParameters();
  engine.writeParameters(experiment.trainable.untrained);
  try {
    return await testErrors(engine, experiment);
  } finally {
    engine.writeParameters(kept);
  }
}

/** Errors of repeating the last season of the context. */
export function naiveErrors({ dataset }: PreparedExperiment): ForecastErrors {
  requireTestWindows(dataset.splits.test.starts.length);
  const { mse, mae, perChannel } = seasonalNaive(dataset, "test");
  return {
    mse,
    mae,
    msePerChannel: perChannel.map((channel) => channel.mse),
    maePerChannel: perChannel.map((channel) => channel.mae),
  };
}

function requireTestWindows(count: number): void {
  if (count > 0) return;
  throw new ExperimentError("EXPERIMENT_NO_TEST_WINDOWS", "the test part has no window", {
    fix: "give it more rows: data.split.test, or a model with a shorter context",
  });
}
