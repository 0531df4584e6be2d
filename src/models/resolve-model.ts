import type { Random } from "../core/index.ts";
import { ModelError } from "./errors.ts";
import type { ForecastModel } from "./forecast-model.ts";
import { loadModel, readModelConfig } from "./load-model.ts";
import type { ModelSettings } from "./schema.ts";
import { createTtm, type RawConfig } from "./ttm/create-ttm.ts";

export interface ResolveModelOptions {
  /** Draws new weights. */
  readonly random: Random;
  /** Told in one line when `auto` had to fall back. */
  readonly onNotice?: (notice: string) => void;
}

/**
 * The model that settings ask for: the folder `path` where there is one, else what `weights` says. `auto` falls back to
 * random weights, with a notice, while no checkpoint is found.
 *
 * @throws {ModelError} MODEL_NO_WEIGHTS for `hub` and `bundled`, and as {@link loadModel} and {@link createTtm}
 */
export function resolveModel(
  settings: ModelSettings,
  { random, onNotice }: ResolveModelOptions,
): ForecastModel {
  const { path, weights } = settings;
  const overrides = overridesOf(settings);
  if (weights === "hub" || weights === "bundled") throw noWeights(settings);
  if (path !== null && weights === "auto") return loadModel({ path, overrides, random });
  if (weights === "auto") {
    onNotice?.(
      `no checkpoint for model '${settings.name}': it starts from random weights; set model.path=FOLDER`,
    );
  }
  const config = path === null ? settings.architecture : readModelConfig(path);
  return createTtm({ config, overrides, weights: "random", random });
}

function overridesOf(settings: ModelSettings): RawConfig {
  const { dropout, head_dropout, prediction_filter_length } = settings;
  const named = Object.entries({ dropout, head_dropout, prediction_filter_length });
  return { ...settings.overrides, ...Object.fromEntries(named.filter(([, value]) => value !== null)) };
}

function noWeights({ name, weights }: ModelSettings): ModelError {
  const what = weights === "hub" ? "no hub checkpoint" : "no bundled checkpoint";
  return new ModelError("MODEL_NO_WEIGHTS", `${what} is available for model '${name}'`, {
    where: `model.weights=${weights}`,
    fix: "model.path=FOLDER model.weights=auto (a folder with config.json and model.safetensors), or model.weights=random",
  });
}
