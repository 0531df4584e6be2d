import { Random } from "../core/index.ts";
import { type Dataset, loadDataset } from "../data/index.ts";
import { toLoraConfig } from "../lora/index.ts";
import { type ForecastModel, resolveModel } from "../models/index.ts";
import { elementCount, type Tensor, type ValueInfo } from "../onnx/index.ts";
import { createOptimizer } from "../optim/index.ts";
import { describeDevice, resolveDevice, workerCount } from "../runtime/index.ts";
import { TrainEngine } from "../train/index.ts";
import type { ExperimentHeader, ExperimentReporter } from "./reporter.ts";
import { saveModelFolder } from "./save-model-folder.ts";
import type { TTMExperimentConfig } from "./schema.ts";
import { adaptedModel, fullyTrainedModel, type TrainableModel } from "./trainable-model.ts";

/** The real parts of an experiment: data, model, what of it is trained. */
export interface PreparedExperiment {
  readonly config: TTMExperimentConfig;
  readonly dataset: Dataset;
  readonly model: ForecastModel;
  readonly trainable: TrainableModel;
  /** The stream that shuffles windows; initial values have been drawn from its sibling. */
  readonly random: Random;
}

/** Loads the model and the data that a config names, and puts the adapters in. */
export async function prepareExperiment(
  config: TTMExperimentConfig,
  reporter: ExperimentReporter = {},
): Promise<PreparedExperiment> {
  const initial = Random.fromSeed(config.seed);
  const model = resolveModel(config.model, {
    random: initial,
    onNotice: (notice) => reporter.note?.(notice),
  });
  const dataset = await loadDataset(config.data, {
    context: model.contextLength,
    horizon: model.predictionLength,
  });
  for (const note of dataset.notes) reporter.note?.(note);
  const trainable = makeTrainable(config, model, dataset, initial);
  for (const warning of trainable.warnings) reporter.note?.(warning);
  return { config, dataset, model, trainable, random: Random.fromSeed(config.seed + 1) };
}

function makeTrainable(
  config: TTMExperimentConfig,
  model: ForecastModel,
  dataset: Dataset,
  random: Random,
): TrainableModel {
  const options = {
    channels: dataset.columns.length,
    withMask: dataset.observed !== null,
    baseName: model.source.path ?? config.model.name,
  };
  const lora = toLoraConfig(config.lora);
  return lora
    ? adaptedModel(model, lora, random, options)
    : fullyTrainedModel(model, options, (folder, weights) => saveModelFolder(folder, model, weights));
}

/** Starts the engine that trains and evaluates. */
export async function startEngine(experiment: PreparedExperiment): Promise<TrainEngine> {
  const { config, dataset, trainable, model } = experiment;
  const device = await resolveDevice(config.runtime.device);
  return TrainEngine.start({
    dataset,
    buildForward: trainable.buildForward,
    layout: trainable.layout,
    parameters: trainable.initial,
    stopGradients: trainable.stopGradients,
    constants: constantInputs,
    loss: config.training.loss,
    quantiles: model.quantiles,
    optimizer: createOptimizer(config.optimizer, trainable.layout.slots),
    clipNorm: config.training.clip_norm,
    device,
    workers: workersOn(device, config),
    pieceSeries: config.runtime.piece_series,
    batchSize: config.training.batch_size,
    seed: config.seed,
  });
}

/** One worker drives a GPU; on the CPU there is one for each core, or what the settings say. */
function workersOn(device: "cpu" | "cuda", { runtime }: TTMExperimentConfig): number {
  return device === "cuda" ? 1 : workerCount(runtime);
}

/** A frequency token that says "unknown": 0 in the published vocabulary. */
function constantInputs(inputs: readonly ValueInfo[]): Record<string, Tensor> {
  const token = inputs.find(({ name }) => name === "freq_token");
  if (!token) return {};
  return {
    freq_token: { dtype: "int64", shape: token.shape, data: new BigInt64Array(elementCount(token.shape)) },
  };
}

/** What the header shows. */
export async function describeExperiment(
  experiment: PreparedExperiment,
  runDir: string | null,
): Promise<ExperimentHeader> {
  const { config, dataset, model, trainable } = experiment;
  const { train, validation, test } = dataset.splits;
  const where = await resolveDevice(config.runtime.device);
  const device = describeDevice(where);
  return {
    experimentName: config.experiment_name,
    runDir,
    model: `${config.model.name} (${model.contextLength} rows of context, ${model.predictionLength} steps ahead)`,
    weights: model.source.path === null ? "random initialisation" : model.source.path,
    data: { name: dataset.source.name, rows: dataset.rows, channels: dataset.columns.length },
    windows: { train: train.starts.length, validation: validation.starts.length, test: test.starts.length },
    ...trainable.counts,
    method: config.lora.rank === null ? "every weight" : `LoRA, rank ${config.lora.rank}`,
    device: `${device.device} (${device.description})`,
    workers: workersOn(where, config),
  };
}
