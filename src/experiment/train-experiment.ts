import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { createSchedule } from "../optim/index.ts";
import type { ExperimentTracker } from "../tracking/index.ts";
import {
  type Checkpoint,
  earlyStopping,
  type FitResult,
  fitModel,
  saveCheckpoints,
  type TrainEngine,
  type TrainingCallback,
  totalSteps,
} from "../train/index.ts";
import type { MetricLog } from "./metric-log.ts";
import type { PreparedExperiment } from "./prepare-experiment.ts";
import type { ExperimentReporter } from "./reporter.ts";
import { checkpointFile, fingerprintOf } from "./run-checkpoint.ts";
import type { TTMExperimentConfig } from "./schema.ts";
import { configuredCallbacks } from "./training-callbacks.ts";

export interface TrainExperimentOptions {
  readonly config: TTMExperimentConfig;
  readonly runDir: string;
  readonly tracker: ExperimentTracker;
  readonly log: MetricLog;
  readonly reporter: ExperimentReporter;
  readonly signal: AbortSignal | undefined;
  /** The program's own, called before those that end training or keep checkpoints. */
  readonly callbacks: readonly TrainingCallback[];
  /** The last step that an earlier process recorded; 0 unless the run is resumed. */
  readonly recordedSteps: number;
  /** Where an earlier process left off. */
  readonly checkpoint: Checkpoint | undefined;
}

export interface TrainedExperiment {
  readonly result: FitResult;
  /** Null where no epoch was finished. */
  readonly modelDir: string | null;
}

/** Trains and saves the best epoch, which the engine holds then: also where training fails after one was finished. */
export async function trainExperiment(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  options: TrainExperimentOptions,
): Promise<TrainedExperiment> {
  let bestEpoch = options.checkpoint?.progress.bestEpoch ?? 0;
  const noteBest: TrainingCallback = {
    epoch: ({ epoch, best }) => {
      if (best) bestEpoch = epoch;
    },
  };
  try {
    const result = await trainEpochs(engine, experiment, options, noteBest);
    const modelDir = result.bestEpoch > 0 ? await save(engine, experiment, options) : null;
    if (result.end === "aborted")
      options.reporter.note?.(
        `${keptNote(bestEpoch, modelDir)}; go on: ttm --resume ${shown(options.runDir)}`,
      );
    return { result, modelDir };
  } catch (error) {
    if (bestEpoch > 0) options.reporter.note?.(keptNote(bestEpoch, await save(engine, experiment, options)));
    throw error;
  }
}

/** Takes away what an earlier run left in a folder that is used again: it must not be taken for this run's. */
export async function clearTrained(
  runDir: string,
  { keepCheckpoint }: { keepCheckpoint: boolean },
): Promise<void> {
  const stale = [join(runDir, "adapter"), join(runDir, "model")];
  if (!keepCheckpoint) stale.push(checkpointFile(runDir));
  await Promise.all(stale.map((path) => rm(path, { recursive: true, force: true })));
}

/** The folder in a run's folder that what it trained is saved to. */
export function modelFolder(config: TTMExperimentConfig): string {
  return config.lora.rank === null ? "model" : "adapter";
}

function trainEpochs(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  options: TrainExperimentOptions,
  noteBest: TrainingCallback,
): Promise<FitResult> {
  const { config, dataset, random } = experiment;
  const { num_epochs: epochs, batch_size: batchSize, learning_rate, loss, ema_decay } = config.training;
  const { train, validation } = dataset.splits;
  const steps = totalSteps(train.starts.length, batchSize, epochs);
  return fitModel(engine, {
    epochs,
    batchSize,
    schedule: createSchedule(config.scheduler, learning_rate, steps),
    loss,
    trainStarts: train.starts,
    validationStarts: validation.starts,
    targetChannels: dataset.targetChannels,
    random,
    useAverage: ema_decay !== null,
    signal: options.signal,
    resume: options.checkpoint,
    callbacks: [noteBest, ...callbacksOf(experiment, options, fingerprintOf(experiment, engine.precision))],
  });
}

/** Checkpoints come last: what they say is done is recorded then. */
function callbacksOf(
  experiment: PreparedExperiment,
  options: TrainExperimentOptions,
  fingerprint: string,
): TrainingCallback[] {
  const { config, trainable } = experiment;
  const { runDir, tracker, log, recordedSteps, reporter } = options;
  const { patience, callbacks, checkpoint_every_steps: everySteps } = config.training;
  const note = (text: string) => reporter.note?.(text);
  return [
    recordMetrics(log),
    reportProgress(reporter),
    ...configuredCallbacks(callbacks, {
      layout: trainable.layout,
      runDir,
      tracker,
      log,
      recordedSteps,
      note,
    }),
    ...options.callbacks,
    ...(patience === null ? [] : [earlyStopping(patience)]),
    saveCheckpoints({ file: checkpointFile(runDir), fingerprint, everySteps }),
  ];
}

function recordMetrics(log: MetricLog): TrainingCallback {
  return {
    step: ({ step, epoch, loss: train_loss, gradNorm: grad_norm, learningRate: learning_rate }) =>
      log({ train_loss, learning_rate, grad_norm }, { step, epoch }),
    evaluation: ({ step, epoch, loss: val_loss }) => log({ val_loss }, { step, epoch }),
  };
}

function reportProgress(reporter: ExperimentReporter): TrainingCallback {
  return {
    step: (report) => reporter.step?.(report),
    epoch: (report) => reporter.epoch?.(report),
  };
}

/** Writes the adapter or the model, and returns its folder. */
async function save(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  { config, runDir, tracker, reporter }: TrainExperimentOptions,
): Promise<string> {
  reporter.phase?.("saving");
  const modelDir = join(runDir, modelFolder(config));
  await experiment.trainable.save(modelDir, engine.readParameters());
  await tracker.logModel({ name: modelFolder(config), path: modelDir, info: modelInfo(experiment) });
  return modelDir;
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
    : `stopped; the best epoch so far (${bestEpoch}) is kept in ${shown(modelDir)}`;
}

function shown(folder: string): string {
  return relative(process.cwd(), folder) || ".";
}
