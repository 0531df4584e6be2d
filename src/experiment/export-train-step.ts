import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { encodeModel } from "../onnx/index.ts";
import { createSchedule } from "../optim/index.ts";
import { exportStep, type StepProduct, totalSteps } from "../train/index.ts";
import { engineSettings } from "./engine-settings.ts";
import type { StoredRun } from "./evaluate-experiment.ts";
import { type PreparedExperiment, prepareExperiment, stepOptions } from "./prepare-experiment.ts";
import type { ExperimentReporter } from "./reporter.ts";
import { writeJson } from "./write-run-files.ts";

/** The files of an exported step, in its folder. */
export const stepFiles = {
  manifest: "train-step.json",
  model: "train-step.onnx",
  parameters: "initial-parameters.bin",
} as const;

export interface ExportTrainStepOptions extends StoredRun {
  /** Made where it is not there. */
  readonly folder: string;
  /** Whether the graph has inputs for dropout's masks, as training here has; false leaves dropout out. */
  readonly dropout: boolean;
  readonly reporter?: ExperimentReporter;
}

/**
 * Writes the train step of an experiment as one ONNX graph, with a manifest that says what to feed and the values that
 * training starts from: those of a run where one is given. Anything that runs ONNX can train with it.
 *
 * @returns the folder's absolute path
 */
export async function exportTrainStep(options: ExportTrainStepOptions): Promise<string> {
  const { config, modelDir, folder, dropout, reporter } = options;
  const experiment = await prepareExperiment(config, reporter);
  const steps = totalSteps(
    experiment.dataset.splits.train.starts.length,
    config.training.batch_size,
    config.training.num_epochs,
  );
  const { stepsPerRun, disabledPasses } = engineSettings(config, "cpu");
  const product = exportStep({
    ...stepOptions(experiment),
    schedule: createSchedule(config.scheduler, config.training.learning_rate, steps),
    totalSteps: steps,
    stepsPerRun,
    disabledPasses,
    dropout,
  });
  const { trainable } = experiment;
  const parameters = modelDir ? await trainable.load(modelDir) : trainable.initial;
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  await writeFileAtomic(join(target, stepFiles.model), Buffer.from(encodeModel(product.graph).model));
  await writeFileAtomic(
    join(target, stepFiles.parameters),
    Buffer.from(parameters.buffer, parameters.byteOffset, parameters.byteLength),
  );
  await writeJson(join(target, stepFiles.manifest), manifestOf(experiment, product, { steps, stepsPerRun }));
  return target;
}

/** `train-step.json`; `docs/browser.md` describes its keys. */
function manifestOf(
  { config, dataset, model, trainable }: PreparedExperiment,
  { inputs, results }: StepProduct,
  { steps, stepsPerRun }: { readonly steps: number; readonly stepsPerRun: number },
) {
  return {
    format: "ttm-train-step/1",
    files: { model: stepFiles.model, parameters: stepFiles.parameters },
    inputs,
    outputs: results,
    parameters: trainable.layout.slots,
    batch: {
      windows: config.training.batch_size,
      context: model.contextLength,
      horizon: model.predictionLength,
      columns: dataset.columns,
      scaler: dataset.scaler,
    },
    training: {
      loss: config.training.loss,
      optimizer: config.optimizer,
      scheduler: config.scheduler,
      learning_rate: config.training.learning_rate,
      scheduled_steps: steps,
      steps_per_run: stepsPerRun,
    },
    lora: config.lora.rank === null ? null : config.lora,
    weights: model.source,
  };
}
