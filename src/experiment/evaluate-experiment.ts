import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { metricsNamed } from "../train/index.ts";
import { naiveErrors, testErrors, zeroShotErrors } from "./compare-forecasts.ts";
import { ExperimentError } from "./errors.ts";
import { describeExperiment, prepareExperiment, startEngine } from "./prepare-experiment.ts";
import type { Comparison, ExperimentReporter } from "./reporter.ts";
import { experimentSchema, type TTMExperimentConfig } from "./schema.ts";

/** A finished run, read back from its folder. */
export interface StoredRun {
  readonly config: TTMExperimentConfig;
  /** The adapter's or the model's folder; null where the run trained nothing. */
  readonly modelDir: string | null;
}

/**
 * Errors on the test split, of the untrained model and, where a folder of trained values is given, of the fine-tuned one.
 * Nothing is written.
 */
export async function evaluateExperiment(
  { config, modelDir }: StoredRun,
  reporter: ExperimentReporter = {},
): Promise<Comparison> {
  const experiment = await prepareExperiment(config, reporter);
  reporter.header?.(await describeExperiment(experiment, null));
  const engine = await startEngine(experiment);
  try {
    reporter.phase?.("evaluating");
    const metrics = metricsNamed(config.training.metrics, experiment.model.quantiles);
    const { dataset, trainable } = experiment;
    const zeroShot = await zeroShotErrors(engine, experiment, metrics);
    if (modelDir) engine.writeParameters(await trainable.load(modelDir));
    return {
      naive: naiveErrors(experiment),
      zeroShot,
      fineTuned: modelDir ? await testErrors(engine, experiment, metrics) : null,
      columns: dataset.targetChannels.map((channel) => dataset.columns[channel] as string),
      seasonLength: dataset.seasonLength,
    };
  } finally {
    await engine.close();
  }
}

/**
 * Reads a run's config and finds what it trained.
 *
 * @throws {ExperimentError} EXPERIMENT_BAD_FILE where the folder is no run's
 */
export function openRun(folder: string): StoredRun {
  const file = join(resolve(folder), "config.json");
  if (!existsSync(file)) {
    throw new ExperimentError("EXPERIMENT_BAD_FILE", "this is no run's folder: it has no config.json", {
      where: folder,
      fix: "name a folder below experiments/, such as the one that a run prints at its end",
    });
  }
  const parsed = experimentSchema.safeParse(parseJson(file));
  if (!parsed.success) {
    throw new ExperimentError(
      "EXPERIMENT_BAD_FILE",
      `config.json does not fit this version: ${parsed.error.message}`,
      {
        where: file,
        fix: "evaluate it with the version of ttm that made it",
      },
    );
  }
  const trained = join(resolve(folder), parsed.data.lora.rank === null ? "model" : "adapter");
  return { config: parsed.data, modelDir: existsSync(trained) ? trained : null };
}

/**
 * The run of a folder that has not ended well and can go on.
 *
 * @throws {ExperimentError} EXPERIMENT_NOTHING_TO_RESUME where it was completed, EXPERIMENT_BAD_FILE where the folder is no run's
 */
export function openUnfinishedRun(folder: string): StoredRun {
  const run = openRun(folder);
  const summary = join(resolve(folder), "run_summary.json");
  const shown = relative(process.cwd(), resolve(folder)) || ".";
  if (existsSync(summary) && Object(parseJson(summary))["status"] === "completed") {
    throw new ExperimentError("EXPERIMENT_NOTHING_TO_RESUME", "this run was completed", {
      where: shown,
      fix: `ttm evaluate ${shown}, or a new run with changes: ttm rerun ${shown} training.num_epochs=…`,
    });
  }
  return run;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ExperimentError("EXPERIMENT_BAD_FILE", `${basename(file)} is not valid JSON`, {
      where: file,
      fix: "name another run: this one's config is damaged",
      cause,
    });
  }
}
