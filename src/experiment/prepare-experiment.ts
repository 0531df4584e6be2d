import { Random } from "../core/index.ts";
import { type Dataset, loadDataset } from "../data/index.ts";
import { loraPlusFactors, toLoraConfig } from "../lora/index.ts";
import { type ForecastModel, resolveModel } from "../models/index.ts";
import { elementCount, type Tensor, type ValueInfo } from "../onnx/index.ts";
import {
  createOptimizer,
  type GroupedFactors,
  multiplyFactors,
  parameterFactors,
  withAverage,
} from "../optim/index.ts";
import { describeDevice, resolveDevice } from "../runtime/index.ts";
import { type BatchShares, TrainEngine } from "../train/index.ts";
import { weightsText } from "./describe-weights.ts";
import { engineSettings, workersOn } from "./engine-settings.ts";
import { withRegisteredModel } from "./registered-model.ts";
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
  asked: TTMExperimentConfig,
  reporter: ExperimentReporter = {},
): Promise<PreparedExperiment> {
  const config = await withRegisteredModel(asked);
  const initial = Random.fromSeed(config.seed);
  const model = await resolveModel(config.model, {
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
  for (const pattern of factorsOf(config, trainable).unmatched)
    reporter.note?.(`optimizer.groups: '${pattern}' matches none of the trained tensors`);
  return { config, dataset, model, trainable, random: Random.fromSeed(config.seed + 1) };
}

/** What an adapter's config names as its base: a repository, a folder, or the model that this package has. */
function baseName({ model: { name } }: TTMExperimentConfig, { source }: ForecastModel): string {
  return source.repo ?? (source.weights === "path" ? source.path : null) ?? name;
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
    baseName: baseName(config, model),
    baseRevision: model.source.revision,
  };
  const lora = toLoraConfig(config.lora);
  return lora
    ? adaptedModel(model, lora, random, options)
    : fullyTrainedModel(model, { ...options, selection: config.lora.trained_weights }, (folder, weights) =>
        saveModelFolder(folder, model, weights),
      );
}

/**
 * Starts the engine that trains and evaluates.
 *
 * @param shares  cut batches as an earlier process did: only then a resumed run adds the same numbers up in the same order
 */
export async function startEngine(
  experiment: PreparedExperiment,
  shares?: BatchShares,
): Promise<TrainEngine> {
  const { config, dataset, trainable } = experiment;
  const settings = engineSettings(
    config,
    await resolveDevice(config.runtime.device, config.runtime.device_id),
  );
  return TrainEngine.start({
    dataset,
    parameters: trainable.initial,
    ...stepOptions(experiment),
    ...settings,
    workers: shares?.workers ?? settings.workers,
    microBatch: shares?.pieceWindows ?? settings.microBatch,
    seed: config.seed,
  });
}

type TrainedParts = Pick<PreparedExperiment, "config" | "trainable" | "model">;

/** What a train step of an experiment is made of, wherever it runs and whatever it is fed. */
export function stepOptions(experiment: TrainedParts) {
  const { config, trainable, model } = experiment;
  return {
    buildForward: trainable.buildForward,
    layout: trainable.layout,
    stopGradients: trainable.stopGradients,
    constants: constantInputs,
    loss: config.training.loss,
    quantiles: model.quantiles,
    ...updateOptions(experiment),
    batchSize: config.training.batch_size,
  };
}

/** How gradients become steps: the optimizer, with a moving average where one is asked for, and each value's own factors. */
function updateOptions({ config, trainable }: TrainedParts) {
  const { clip_norm: clipNorm, clip_value: clipValue, ema_decay } = config.training;
  const optimizer = createOptimizer(config.optimizer, trainable.layout.slots);
  return {
    optimizer: ema_decay === null ? optimizer : withAverage(optimizer, ema_decay),
    clipNorm,
    clipValue,
    ...factorsOf(config, trainable),
  };
}

/** The factors of the optimizer's groups and of LoRA+. */
function factorsOf(config: TTMExperimentConfig, { layout }: TrainableModel): GroupedFactors {
  const { unmatched, ...grouped } = parameterFactors(layout.slots, config.optimizer);
  const { loraplus_lr_ratio: ratio, rank } = config.lora;
  if (ratio === null || rank === null) return { ...grouped, unmatched };
  return { ...multiplyFactors(grouped, loraPlusFactors(layout.slots, ratio)), unmatched };
}

/** A frequency token that says "unknown": 0 in the published vocabulary. */
export function constantInputs(inputs: readonly ValueInfo[]): Record<string, Tensor> {
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
  const where = await resolveDevice(config.runtime.device, config.runtime.device_id);
  const device = describeDevice(where);
  return {
    experimentName: config.experiment_name,
    runDir,
    model: `${config.model.name} (${model.contextLength} rows of context, ${model.predictionLength} steps ahead)`,
    weights: weightsText(model.source),
    data: { name: dataset.source.name, rows: dataset.rows, channels: dataset.columns.length },
    windows: { train: train.starts.length, validation: validation.starts.length, test: test.starts.length },
    ...trainable.counts,
    method: trainable.method,
    chosen: trainable.chosen,
    device: `${device.device} (${device.description})`,
    workers: workersOn(where, config),
  };
}
