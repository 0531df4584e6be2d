import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { createSchedule } from "../optim/index.ts";
import type { ExperimentTracker } from "../tracking/index.ts";
import { type EpochReport, type FitResult, fitModel, type TrainEngine, totalSteps } from "../train/index.ts";
import { naiveErrors, testErrors, zeroShotErrors } from "./compare-forecasts.ts";
import { comparisonMetrics } from "./comparison-metrics.ts";
import { ExperimentError } from "./errors.ts";
import {
  describeExperiment,
  type PreparedExperiment,
  prepareExperiment,
  startEngine,
} from "./prepare-experiment.ts";
import type { Comparison, ExperimentReporter } from "./reporter.ts";
import type { TTMExperimentConfig } from "./schema.ts";
import { writeRunFiles } from "./write-run-files.ts";

export interface RunExperimentOptions {
  readonly config: TTMExperimentConfig;
  /** The run's folder; it must exist. */
  readonly runDir: string;
  /** Already started; ended by the caller. */
  readonly tracker: ExperimentTracker;
  readonly reporter?: ExperimentReporter;
  readonly signal?: AbortSignal | undefined;
}

export interface ExperimentResult {
  /** The closing numbers, under the names of `run_summary.json`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly comparison: Comparison;
  readonly weights: {
    readonly source: string;
    readonly revision: string | null;
    readonly sha256: string | null;
  };
  /** The folder of the adapter or the model, null where nothing was trained. */
  readonly modelDir: string | null;
}

/**
 * One experiment from data to saved adapter: zero-shot and naive forecasts first, then training, then the fine-tuned
 * forecast of the whole test split.
 *
 * @throws {ExperimentError} EXPERIMENT_INTERRUPTED once `signal` is aborted; the best epoch so far is saved before
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentResult> {
  const { config, runDir, reporter = {} } = options;
  const experiment = await prepareExperiment(config, reporter);
  reporter.header?.(await describeExperiment(experiment, runDir));
  if (config.training.mixed_precision) {
    reporter.note?.(
      "training.mixed_precision: half precision is not available here (the CPU gains nothing from it), so this run uses float32",
    );
  }
  const engine = await startEngine(experiment);
  try {
    return await withEngine(engine, experiment, options);
  } finally {
    await engine.close();
  }
}

async function withEngine(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  options: RunExperimentOptions,
): Promise<ExperimentResult> {
  const { config, runDir, tracker, reporter = {}, signal } = options;
  reporter.phase?.("evaluating the untrained model");
  const naive = naiveErrors(experiment);
  const zeroShot = await zeroShotErrors(engine, experiment);
  throwIfAborted(signal);
  const trains = config.training.num_epochs > 0;
  // what an earlier run left in a folder that is used again must not be taken for this run's
  await Promise.all(
    ["adapter", "model"].map((name) => rm(join(runDir, name), { recursive: true, force: true })),
  );
  const trained = trains ? await trainOrKeep(engine, experiment, options) : undefined;
  const result = trained?.result;
  const modelDir = trained?.modelDir ?? null;
  if (result?.end === "aborted") {
    reporter.note?.(keptNote(result.bestEpoch, modelDir));
    throw interrupted(signal);
  }
  reporter.phase?.("evaluating the fine-tuned model");
  const fineTuned = trains ? await testErrors(engine, experiment) : null;
  const { dataset } = experiment;
  const comparison: Comparison = {
    naive,
    zeroShot,
    fineTuned,
    columns: dataset.targetChannels.map((channel) => dataset.columns[channel] as string),
    seasonLength: dataset.seasonLength,
  };
  const metrics = closingMetrics(comparison, experiment, result);
  await tracker.logMetrics(metrics, { step: engine.steps });
  await writeRunFiles(runDir, { comparison });
  reporter.comparison?.(comparison);
  const { source } = experiment.model;
  return {
    metrics,
    comparison,
    weights: { source: source.path ?? source.weights, revision: source.revision, sha256: source.sha256 },
    modelDir,
  };
}

interface Trained {
  readonly result: FitResult;
  /** Null where no epoch was finished. */
  readonly modelDir: string | null;
}

/** Trains and saves the best epoch, which the engine holds then: also where training fails after one was finished. */
async function trainOrKeep(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  options: RunExperimentOptions,
): Promise<Trained> {
  let bestEpoch = 0;
  const note = ({ epoch, best }: EpochReport) => {
    if (best) bestEpoch = epoch;
  };
  try {
    const result = await train(engine, experiment, options, note);
    return {
      result,
      modelDir: result.bestEpoch > 0 ? await save(engine, experiment, options) : null,
    };
  } catch (error) {
    if (bestEpoch > 0) options.reporter?.note?.(keptNote(bestEpoch, await save(engine, experiment, options)));
    throw error;
  }
}

/** Writes the adapter or the model, and returns its folder. */
async function save(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  { config, runDir, tracker, reporter = {} }: RunExperimentOptions,
): Promise<string> {
  reporter.phase?.("saving");
  const modelDir = join(runDir, modelFolder(config));
  await experiment.trainable.save(modelDir, engine.readParameters());
  await tracker.logModel({ name: modelFolder(config), path: modelDir, info: modelInfo(experiment) });
  return modelDir;
}

async function train(
  engine: TrainEngine,
  { config, dataset, random }: PreparedExperiment,
  { tracker, reporter = {}, signal }: RunExperimentOptions,
  onEpoch: (report: EpochReport) => void,
): Promise<FitResult> {
  const { num_epochs: epochs, batch_size: batchSize, learning_rate, loss, patience } = config.training;
  const { train: trainPart, validation } = dataset.splits;
  const steps = totalSteps(trainPart.starts.length, batchSize, epochs);
  return fitModel(engine, {
    epochs,
    batchSize,
    schedule: createSchedule(config.scheduler, learning_rate, steps),
    loss,
    patience,
    trainStarts: trainPart.starts,
    validationStarts: validation.starts,
    targetChannels: dataset.targetChannels,
    random,
    signal,
    onStep: (report) => {
      const { step, epoch, loss: train_loss, gradNorm: grad_norm, learningRate } = report;
      void tracker.logMetrics({ train_loss, learning_rate: learningRate, grad_norm }, { step, epoch });
      reporter.step?.(report);
    },
    onEpoch: (report) => {
      onEpoch(report);
      const { step, epoch, validationLoss } = report;
      if (validationLoss !== null) void tracker.logMetrics({ val_loss: validationLoss }, { step, epoch });
      reporter.epoch?.(report);
    },
  });
}

function closingMetrics(
  comparison: Comparison,
  { trainable }: PreparedExperiment,
  result: FitResult | undefined,
): Record<string, number> {
  return {
    ...comparisonMetrics(comparison),
    best_epoch: result?.bestEpoch ?? 0,
    trainable_parameters: trainable.counts.trainable,
    total_parameters: trainable.counts.total,
  };
}

function modelFolder(config: TTMExperimentConfig): string {
  return config.lora.rank === null ? "model" : "adapter";
}

function modelInfo({ config, model, trainable }: PreparedExperiment): Record<string, unknown> {
  return {
    family: model.family,
    name: config.model.name,
    weights: { ...model.source },
    context_length: model.contextLength,
    prediction_length: model.predictionLength,
    ...trainable.counts,
    lora: config.lora.rank === null ? null : config.lora,
    trained_tensors: trainable.layout.slots.map(({ name, shape }) => ({ name, shape })),
  };
}

function keptNote(bestEpoch: number, modelDir: string | null): string {
  return modelDir === null
    ? "stopped before an epoch had ended; no trained values are kept"
    : `stopped; the best epoch so far (${bestEpoch}) is kept in ${relative(process.cwd(), modelDir)}`;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal);
}

function interrupted(signal: AbortSignal | undefined): unknown {
  return signal?.reason instanceof Error
    ? signal.reason
    : new ExperimentError("EXPERIMENT_INTERRUPTED", "the run was interrupted", { fix: "run it again" });
}
