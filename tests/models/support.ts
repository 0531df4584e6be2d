import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Random } from "../../src/core/index.ts";
import { createTtm, type ForecastModel } from "../../src/models/index.ts";

export const dataFolder = join(import.meta.dirname, "data");

/** The folder of shared oracles, or undefined where it is not there. */
export const sharedFolder = [
  process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared"),
].find(existsSync);

export const noShared =
  sharedFolder === undefined ? " (skipped: no ../shared folder, and TTM_SHARED is not set)" : "";

/** Golden folders whose names match, in a folder that may be missing. */
export function goldens(folder: string | undefined, name: RegExp): string[] {
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((entry) => name.test(entry))
    .map((entry) => join(folder, entry));
}

export const tinyConfig = {
  context_length: 32,
  patch_length: 8,
  patch_stride: 8,
  num_input_channels: 3,
  prediction_length: 10,
  d_model: 16,
  num_layers: 1,
  adaptive_patching_levels: 2,
  decoder_d_model: 8,
  decoder_num_layers: 1,
};

/** A small model with random weights. */
export function tinyTtm(overrides: Readonly<Record<string, unknown>> = {}, seed = 1): ForecastModel {
  return createTtm({
    config: { ...tinyConfig, ...overrides },
    weights: "random",
    random: Random.fromSeed(seed),
  });
}

/** The configuration of R2 512→96. */
export const r2Config = {
  context_length: 512,
  prediction_length: 96,
  patch_length: 64,
  patch_stride: 64,
  d_model: 192,
  num_layers: 2,
  adaptive_patching_levels: 3,
  decoder_d_model: 128,
  decoder_num_layers: 2,
};

/** Elements of all trained tensors, or of those outside `backbone`. */
export function parameterCount(model: ForecastModel, outside = ""): number {
  return [...model.weights].reduce(
    (sum, [name, { data }]) => sum + (outside !== "" && name.startsWith(outside) ? 0 : data.length),
    0,
  );
}
