import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Random } from "../core/index.ts";
import { LoRAManager } from "../lora/index.ts";
import { type ForecastModel, resolveModel } from "../models/index.ts";
import { ExperimentError } from "./errors.ts";
import { openRun } from "./evaluate-experiment.ts";
import { withRegisteredModel } from "./registered-model.ts";
import { saveModelFolder } from "./save-model-folder.ts";
import type { TTMExperimentConfig } from "./schema.ts";

/** An adapter on the model that it belongs to. */
export interface OpenedAdapter {
  readonly model: ForecastModel;
  readonly lora: LoRAManager;
  /** The adapter's own folder. */
  readonly folder: string;
}

/**
 * Reads the adapter of a run, or of a folder as PEFT writes it.
 *
 * @param config  names the base model of a bare adapter; a run's own config where left out
 * @throws {ExperimentError} EXPERIMENT_NO_ADAPTER where a run trained none
 * @throws {LoraError} LORA_NO_ADAPTER and what else a wrong folder or base brings
 */
export async function openAdapter(folder: string, config?: TTMExperimentConfig): Promise<OpenedAdapter> {
  const path = resolve(folder);
  const isBare = existsSync(join(path, "adapter_config.json"));
  const run = isBare && config ? { config, modelDir: path } : openRun(isBare ? join(path, "..") : path);
  if (run.modelDir === null || run.config.lora.rank === null) {
    throw new ExperimentError("EXPERIMENT_NO_ADAPTER", "this run trained no adapter", {
      where: folder,
      fix: "name a run with an adapter/ in it; model/ of any other is a whole model already",
    });
  }
  const { model: settings, seed } = await withRegisteredModel(run.config);
  const model = await resolveModel(settings, { random: Random.fromSeed(seed), onNotice: () => {} });
  return { model, lora: await LoRAManager.load(run.modelDir, model), folder: run.modelDir };
}

/**
 * Works an adapter into its base and writes the whole model, as the hub publishes models: `model.path` takes the folder.
 *
 * @returns the merge's self-check: the largest relative difference between a merged layer and base plus adapter on a fixed input
 */
export async function mergeAdapterInto(folder: string, { model, lora }: OpenedAdapter): Promise<number> {
  const { weights, selfCheck } = lora.merge();
  await saveModelFolder(resolve(folder), model, weights);
  return selfCheck;
}
