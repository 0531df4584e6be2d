import { join, relative } from "node:path";
import { Random, TtmError } from "../../core/index.ts";
import { readRecordings } from "../../data/index.ts";
import { type ForecastModel, resolveModel } from "../../models/index.ts";
import { createSchedule } from "../../optim/index.ts";
import { describeDevice, resolveDevice } from "../../runtime/index.ts";
import {
  type FitStreamResult,
  fitStream,
  readStreamCheckpoint,
  SeriesStream,
  type StreamCheckpoint,
  TrainEngine,
  type ValidationReport,
  writeStreamCheckpoint,
} from "../../train/index.ts";
import { comparisonMetrics } from "../comparison-metrics.ts";
import { engineSettings, workersOn } from "../engine-settings.ts";
import { ExperimentError } from "../errors.ts";
import { evaluateExperiment } from "../evaluate-experiment.ts";
import { stepOptions } from "../prepare-experiment.ts";
import type { Comparison, ExperimentHeader } from "../reporter.ts";
import type { ExperimentResult, RunExperimentOptions } from "../run-experiment.ts";
import { saveModelFolder } from "../save-model-folder.ts";
import type { TTMExperimentConfig } from "../schema.ts";
import { fullyTrainedModel, type TrainableModel } from "../trainable-model.ts";
import { writeRunFiles } from "../write-run-files.ts";
import { writeModelCard } from "./model-card.ts";
import type { PretrainingSettings } from "./schema.ts";

export type PretrainingConfig = TTMExperimentConfig & { readonly pretraining: PretrainingSettings };

export type RunPretrainingOptions = Omit<RunExperimentOptions, "config"> & {
  readonly config: PretrainingConfig;
};

/** Whether a config asks for a pretraining. */
export function isPretraining(config: TTMExperimentConfig): config is PretrainingConfig {
  return config.pretraining !== undefined;
}

/** The parts of a pretraining. */
interface Parts {
  readonly config: PretrainingConfig;
  readonly model: ForecastModel;
  readonly trainable: TrainableModel;
  readonly stream: SeriesStream;
  readonly engine: TrainEngine;
  /** Where an earlier process stopped. */
  readonly checkpoint: StreamCheckpoint | null;
}

const CHECKPOINT = "pretraining.safetensors";

/**
 * Trains a model from random weights on synthetic series and saves it as a folder that `model.path` takes, with a model card; then it
 * forecasts the test part of the config's data. A run's folder that holds a checkpoint goes on from it.
 *
 * @throws {ExperimentError} EXPERIMENT_INTERRUPTED once `signal` is aborted; a checkpoint is written before
 */
export async function runPretraining(options: RunPretrainingOptions): Promise<ExperimentResult> {
  const parts = await prepare(options);
  const { stream, engine } = parts;
  try {
    options.reporter?.header?.(await describe(parts, options.runDir));
    const { progress, end } = await train(parts, options);
    if (end === "aborted") throw interrupted(options, progress.steps);
    return await finish(parts, options, progress);
  } finally {
    await Promise.all([engine.close(), stream.close()]);
  }
}

async function prepare({ config, runDir, reporter = {} }: RunPretrainingOptions): Promise<Parts> {
  const { pretraining, training, seed, runtime } = config;
  const model = await resolveModel(config.model, {
    random: Random.fromSeed(seed),
    onNotice: (notice) => reporter.note?.(notice),
  });
  const { contextLength: context, predictionLength: horizon } = model;
  const stream = await SeriesStream.start({
    settings: {
      seed,
      context,
      horizon,
      missing: pretraining.missing_fraction,
      recorded: pretraining.file_fraction,
      recordings: await readRecordings(pretraining.files, context + horizon),
    },
    batchSize: training.batch_size,
    validationSize: pretraining.validation_series,
    workers: pretraining.series_workers,
  });
  const trainable = fullyTrainedModel(
    undropped(model, pretraining.dropout),
    { channels: 1, withMask: stream.dataset.observed !== null, baseName: config.model.name },
    (folder, weights) => saveModelFolder(folder, model, weights),
  );
  const checkpoint = readStreamCheckpoint(join(runDir, CHECKPOINT), fingerprintOf(config));
  if (checkpoint) reporter.note?.(`goes on after step ${checkpoint.progress.steps}, from ${CHECKPOINT}`);
  const { workers, microBatch, ...settings } = engineSettings(
    config,
    await resolveDevice(runtime.device, runtime.device_id),
  );
  const engine = await TrainEngine.start({
    dataset: stream.dataset,
    parameters: trainable.initial,
    ...stepOptions({ config: averaging(config), model, trainable }),
    ...settings,
    // cut as before, batches are added up in the same order
    workers: checkpoint?.shares.workers ?? workers,
    microBatch: checkpoint?.shares.pieceWindows ?? microBatch,
    stepsPerRun: 1,
    seed,
  });
  return { config, model, trainable, stream, engine, checkpoint };
}

/** A pretraining keeps a moving average in any case, with a decay of its own. */
function averaging(config: PretrainingConfig): PretrainingConfig {
  return { ...config, training: { ...config.training, ema_decay: config.pretraining.average_decay } };
}

/** The model with one rate in place of its own; what is saved keeps those. */
function undropped(model: ForecastModel, rate: number): ForecastModel {
  const dropout = { dropout: rate, headDropout: rate };
  return { ...model, build: (options) => model.build({ ...options, dropout }) };
}

async function train(
  { config, engine, stream, checkpoint }: Parts,
  { runDir, tracker, reporter = {}, signal }: RunPretrainingOptions,
): Promise<FitStreamResult> {
  const { pretraining, training, scheduler } = config;
  const file = join(runDir, CHECKPOINT);
  const fingerprint = fingerprintOf(config);
  return fitStream(engine, {
    stream,
    steps: pretraining.steps,
    schedule: createSchedule(scheduler, training.learning_rate, pretraining.steps),
    loss: training.loss,
    validateEvery: pretraining.validate_every,
    checkpointEvery: pretraining.checkpoint_every,
    resume: checkpoint,
    signal,
    onCheckpoint: (reached) => writeStreamCheckpoint(file, { ...reached, fingerprint }),
    onStep: (report) => {
      const { step, loss, gradNorm, learningRate } = report;
      void tracker.logMetrics(
        { train_loss: loss, learning_rate: learningRate, grad_norm: gradNorm },
        { step },
      );
      reporter.step?.(report);
    },
    onValidation: (report) => {
      void tracker.logMetrics({ val_loss: report.validationLoss }, { step: report.step });
      reporter.epoch?.(asEpoch(report, pretraining));
    },
  });
}

/** There are no epochs: a validation stands for one. */
function asEpoch(report: ValidationReport, { validate_every }: PretrainingSettings) {
  const { step, trainLoss, validationLoss, seconds } = report;
  return { epoch: Math.ceil(step / validate_every), step, trainLoss, validationLoss, best: false, seconds };
}

/**
 * What a checkpoint must agree with: all that decides the numbers. The number of steps is left out: what was trained before the
 * rate falls is the same whatever it is.
 */
function fingerprintOf(config: PretrainingConfig): string {
  const { seed, model, training, optimizer, scheduler, pretraining } = config;
  const { steps, validate_every, checkpoint_every, series_workers, ...drawn } = pretraining;
  const { batch_size, learning_rate, loss, clip_norm } = training;
  return JSON.stringify({
    seed,
    model: { ...model, path: undefined },
    training: { batch_size, learning_rate, loss, clip_norm },
    optimizer,
    scheduler,
    pretraining: drawn,
  });
}

async function finish(
  parts: Parts,
  { runDir, tracker, reporter = {} }: RunPretrainingOptions,
  progress: FitStreamResult["progress"],
): Promise<ExperimentResult> {
  const { config, trainable, engine } = parts;
  reporter.phase?.("saving");
  const modelDir = join(runDir, "model");
  await trainable.save(modelDir, engine.readParameters());
  reporter.phase?.(`forecasting ${config.data.source_name}`);
  const comparison = await forecastData(config, modelDir);
  const card = { config, counts: trainable.counts, progress, comparison };
  await writeModelCard(modelDir, card);
  await tracker.logModel({ name: "model", path: modelDir, info: { pretraining: config.pretraining } });
  const metrics = {
    ...comparisonMetrics(comparison),
    val_loss: progress.validations.at(-1)?.validationLoss ?? Number.NaN,
    trainable_parameters: trainable.counts.trainable,
    total_parameters: trainable.counts.total,
  };
  await tracker.logMetrics(metrics, { step: progress.steps });
  await writeRunFiles(runDir, { comparison });
  reporter.comparison?.(comparison);
  return {
    metrics,
    comparison,
    weights: { source: "random", revision: null, sha256: null },
    modelDir,
  };
}

/** The new model's zero-shot errors on the config's data. */
function forecastData(config: PretrainingConfig, path: string): Promise<Comparison> {
  const model = { ...config.model, path, weights: "auto" as const, overrides: {} };
  return evaluateExperiment({ config: { ...config, model }, modelDir: null });
}

async function describe(
  { config, model, trainable, stream }: Parts,
  runDir: string,
): Promise<ExperimentHeader> {
  const { pretraining, training, runtime, seed } = config;
  const { contextLength, predictionLength } = model;
  const where = await resolveDevice(runtime.device, runtime.device_id);
  const device = describeDevice(where);
  const files = pretraining.files.length;
  const mixed = files > 0 ? `, ${100 * pretraining.file_fraction} % from ${files} files` : "";
  return {
    experimentName: config.experiment_name,
    runDir,
    model: `${config.model.name} (${contextLength} rows of context, ${predictionLength} steps ahead)`,
    weights: `random initialisation (seed ${seed})`,
    data: { name: `synthetic series${mixed}`, rows: contextLength + predictionLength, channels: 1 },
    windows: {
      train: pretraining.steps * training.batch_size,
      validation: stream.validationStarts.length,
      test: 0,
    },
    ...trainable.counts,
    method: "every weight",
    device: `${device.device} (${device.description})`,
    workers: workersOn(where, config),
  };
}

function interrupted({ signal, runDir, reporter }: RunPretrainingOptions, steps: number): TtmError {
  const goOn = `ttm --resume ${relative(process.cwd(), runDir) || "."}`;
  reporter?.note?.(`stopped after step ${steps}; to go on: ${goOn}`);
  if (signal?.reason instanceof TtmError) return signal.reason;
  return new ExperimentError("EXPERIMENT_INTERRUPTED", "pretraining was interrupted", { fix: goOn });
}
