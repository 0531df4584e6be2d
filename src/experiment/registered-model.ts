import { isModelUri, ModelRegistry } from "../tracking/index.ts";
import type { TTMExperimentConfig } from "./schema.ts";

/** Where a registry lies that nobody names: `TTM_REGISTRY`, else the folder that runs go below. */
export function registryFolder(outputDir = "experiments"): string {
  return process.env["TTM_REGISTRY"] || outputDir;
}

/**
 * A config whose `model.path` is a folder: `models:/NAME@ALIAS` becomes the registered version's. Any other stays as it is.
 *
 * @throws {TrackingError} TRACKING_NO_MODEL, TRACKING_MODEL_NAME
 */
export async function withRegisteredModel(config: TTMExperimentConfig): Promise<TTMExperimentConfig> {
  const { path } = config.model;
  if (path === null || !isModelUri(path)) return config;
  const { folder } = await new ModelRegistry(registryFolder(config.output_dir)).resolve(path);
  return { ...config, model: { ...config.model, path: folder } };
}
