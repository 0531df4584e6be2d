import type { Random } from "../core/index.ts";
import { createModel } from "./create-model.ts";
import { ModelError } from "./errors.ts";
import { findWeights } from "./find-weights.ts";
import type { ForecastModel, ModelFamily, RawConfig } from "./forecast-model.ts";
import type { HubAccess } from "./hub/hub-access.ts";
import { loadModel, readModelConfig } from "./load-model.ts";
import type { ModelSettings } from "./schema.ts";

export interface ResolveModelOptions {
  /** Draws new weights. */
  readonly random: Random;
  /** Told in one line what is fetched, and when `auto` had to fall back. */
  readonly onNotice?: (notice: string) => void;
  /** How the hub is reached; as the environment says where left out. */
  readonly hub?: HubAccess;
}

/**
 * The model that settings ask for, with the weights that {@link findWeights} finds.
 *
 * @throws {ModelError} as {@link findWeights}, {@link loadModel} and {@link createModel}
 */
export async function resolveModel(
  settings: ModelSettings,
  { random, onNotice = () => undefined, hub }: ResolveModelOptions,
): Promise<ForecastModel> {
  const { path, family } = settings;
  const overrides = overridesOf(settings);
  const found = await findWeights(settings, { onNotice, hub });
  if (found) return loadModel({ path: found.folder, origin: found.origin, overrides, random, family });
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
