import type { Random } from "../core/index.ts";
import { createModel } from "./create-model.ts";
import { ModelError } from "./errors.ts";
import type { ForecastModel, ModelFamily, RawConfig } from "./forecast-model.ts";
import { loadModel, readModelConfig } from "./load-model.ts";
import type { ModelSettings } from "./schema.ts";

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
 * @throws {ModelError} MODEL_NO_WEIGHTS for `hub` and `bundled`, and as {@link loadModel} and {@link createModel}
 */
export function resolveModel(
  settings: ModelSettings,
  { random, onNotice }: ResolveModelOptions,
): ForecastModel {
  const { path, weights, family } = settings;
  const overrides = overridesOf(settings);
  if (weights === "hub" || weights === "bundled") throw noWeights(settings);
  if (path !== null && weights === "auto") return loadModel({ path, overrides, random, family });
  if (weights === "auto") {
    onNotice?.(
      `no checkpoint for model '${settings.name}': it starts from random weights; set model.path=FOLDER`,
    );
  }
  const config = path === null ? settings.architecture : readModelConfig(path);
  return createModel(family, { config, overrides, weights: "random", random });
}

type NamedKey = "dropout" | "head_dropout" | "prediction_filter_length" | "context_length";

/** Where each family's `config.json` holds what a setting names. */
const configKeys: Readonly<Record<ModelFamily, Partial<Record<NamedKey, string>>>> = {
  ttm: {
    dropout: "dropout",
    head_dropout: "head_dropout",
    prediction_filter_length: "prediction_filter_length",
    context_length: "context_length",
  },
  "chronos-bolt": {
    dropout: "dropout_rate",
    prediction_filter_length: "prediction_filter_length",
    context_length: "chronos_config.context_length",
  },
};

/** The settings that have a name of their own, as keys of `config.json`, beside the other overrides. */
function overridesOf(settings: ModelSettings): RawConfig {
  const { dropout, head_dropout, prediction_filter_length, context_length, family } = settings;
  const overrides: Record<string, unknown> = { ...settings.overrides };
  const named = { dropout, head_dropout, prediction_filter_length, context_length };
  for (const [name, value] of Object.entries(named) as [NamedKey, number | null][]) {
    if (value === null) continue;
    const [outer = "", inner] = (configKeys[family][name] ?? noSetting(settings, name)).split(".");
    overrides[outer] =
      inner === undefined ? value : { ...(overrides[outer] as object | undefined), [inner]: value };
  }
  return overrides;
}

function noSetting({ family, name }: ModelSettings, key: NamedKey): never {
  const known = Object.keys(configKeys[family]);
  throw new ModelError("MODEL_BAD_CONFIG", `model '${name}' has no setting '${key}'`, {
    where: `model.${key}`,
    fix: `leave model.${key}=null; the family ${family} has ${known.join(", ")}`,
  });
}

function noWeights({ name, weights }: ModelSettings): ModelError {
  const what = weights === "hub" ? "no hub checkpoint" : "no bundled checkpoint";
  return new ModelError("MODEL_NO_WEIGHTS", `${what} is available for model '${name}'`, {
    where: `model.weights=${weights}`,
    fix: "model.path=FOLDER model.weights=auto (a folder with config.json and model.safetensors), or model.weights=random",
  });
}
