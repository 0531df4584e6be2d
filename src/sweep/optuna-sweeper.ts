import { pythonStr } from "../config/index.ts";
import { optimizingSweeper } from "./optimizing-sweeper.ts";
import { readPart, wrongSetting } from "./read-settings.ts";
import { findSampler } from "./samplers/sampler-registry.ts";
import type { Sweeper, SweepRequest } from "./sweeper.ts";

/**
 * The settings of Hydra's Optuna plug-in: as every search, with the sampler and its settings in `hydra.sweeper.sampler`.
 * `storage` is said to be unused (the sweep's folder is the storage, and exports to Optuna's); Python code cannot be called.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_SAMPLER, SWEEP_SETTING for `custom_search_space`, and what a search throws
 */
export function optunaSweeper(request: SweepRequest): Sweeper {
  const { settings } = request;
  const custom = settings.get("custom_search_space") ?? null;
  if (custom !== null)
    throw wrongSetting("custom_search_space", custom, "null: it names Python code", "null");
  const storage = settings.get("storage") ?? null;
  if (storage !== null) {
    request.say?.(
      `hydra.sweeper.storage=${pythonStr(storage)} is not used: the sweep's folder keeps its results, and sweep export DIR --optuna FILE hands them to Optuna`,
    );
  }
  const sampler = readPart(settings, "sampler");
  return optimizingSweeper(request, findSampler(sampler), sampler ?? settings);
}
