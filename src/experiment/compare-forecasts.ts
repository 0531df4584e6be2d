import { seasonalNaive } from "../data/index.ts";
import {
  type ForecastErrors,
  type Metric,
  meanErrors,
  measureForecasts,
  type TrainEngine,
} from "../train/index.ts";
import { ExperimentError } from "./errors.ts";
import type { PreparedExperiment } from "./prepare-experiment.ts";

/** Errors of a forecast of the test split, and those that the experiment asked for besides, by name. */
export interface TestErrors extends ForecastErrors {
  readonly more: Readonly<Record<string, number>>;
}

/** Errors on the test split with the engine's parameters as they are now. */
export async function testErrors(
  engine: TrainEngine,
  { dataset, model }: PreparedExperiment,
  metrics: readonly Metric[] = [],
): Promise<TestErrors> {
  const { starts } = dataset.splits.test;
  requireTestWindows(starts.length);
  const errors = meanErrors(await engine.evaluate(starts), dataset.targetChannels);
  if (metrics.length === 0) return { ...errors, more: {} };
  const values = await measureForecasts(engine, dataset, starts, metrics, model.quantiles);
  return {
    ...errors,
    more: Object.fromEntries(metrics.map(({ name }, index) => [name, values[index] as number])),
  };
}

/** The same with the model as it was before any training; the engine's parameters are left as they were. */
export async function zeroShotErrors(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  metrics: readonly Metric[] = [],
): Promise<TestErrors> {
  const kept = engine.readParameters();
  engine.writeParameters(experiment.trainable.untrained);
  try {
    return await testErrors(engine, experiment, metrics);
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
