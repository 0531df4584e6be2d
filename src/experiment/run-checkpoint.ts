import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EngineSettings } from "./engine-settings.ts";
import type { PreparedExperiment } from "./prepare-experiment.ts";

/** Where a run that has not ended keeps what it needs to go on. */
export function checkpointFile(runDir: string): string {
  return join(runDir, "checkpoint.safetensors");
}

/** Whether a run's folder holds a checkpoint: training goes on from there with `resume: true`. */
export function hasCheckpoint(runDir: string): boolean {
  return existsSync(checkpointFile(runDir));
}

/**
 * Says what an experiment trains, by content and not by path: `model:… data:… settings:… layers:…`. A checkpoint fits the
 * experiment that has the same.
 *
 * @param precision  what products are computed in on this device, whatever the setting that led there
 */
export function fingerprintOf(
  { config, dataset, model, trainable }: PreparedExperiment,
  precision: EngineSettings["precision"],
): string {
  const { training, lora, optimizer, scheduler, seed } = config;
  const { series, observed, splits, targetChannels } = dataset;
  // how often checkpoints are written and what is measured beside training change nothing that is trained
  const { checkpoint_every_steps, callbacks, metrics, mixed_precision, ...trained } = training;
  const parts = {
    model: digest(JSON.stringify(model.config), model.source.sha256 ?? `seed ${seed}`),
    data: digest(
      series,
      observed ?? "all observed",
      splits.train.starts,
      splits.validation.starts,
      JSON.stringify(targetChannels),
    ),
    settings: digest(
      JSON.stringify({
        training: trained,
        lora,
        optimizer,
        scheduler,
        seed,
        precision,
      }),
    ),
    layers: digest(JSON.stringify(trainable.layout.slots)),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}:${value}`)
    .join(" ");
}

/** 16 hexadecimal digits of the SHA-256. */
function digest(...contents: readonly (string | NodeJS.ArrayBufferView)[]): string {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(content);
  return hash.digest("hex").slice(0, 16);
}
