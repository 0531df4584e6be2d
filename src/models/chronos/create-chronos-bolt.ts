import type { Tensor } from "../../onnx/index.ts";
import type { CreateModelOptions } from "../create-options.ts";
import { fillWeights } from "../fill-weights.ts";
import type { ForecastModel, LinearModule } from "../forecast-model.ts";
import type { ModuleSpec, ParameterSpec } from "../module-spec.ts";
import { randomSource } from "../random-source.ts";
import { buildForward } from "./build-forward.ts";
import { listModules } from "./list-modules.ts";
import { checkOverrides, parseBoltConfig, withOverrides } from "./schema.ts";
import { targetPresets } from "./target-presets.ts";

/**
 * A Chronos-Bolt of any size from a configuration and weights. Its channels are series of their own, each standardised
 * by its context; it forecasts quantiles, with the median as the point forecast.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG, MODEL_UNSUPPORTED, MODEL_WEIGHTS_MISMATCH
 * @see chronos-forecasting, ChronosBoltModelForForecasting
 */
export function createChronosBolt(options: CreateModelOptions): ForecastModel {
  const { overrides = {}, random } = options;
  checkOverrides(overrides, options.config);
  const raw = withOverrides(options.config, overrides);
  const source = options.source ?? randomSource;
  const where = source.path === null ? "model configuration" : `${source.path}/config.json`;
  const config = parseBoltConfig(raw, where);
  const modules = listModules(config);
  const parameters = parametersOf(modules);
  const isPlain = Object.keys(overrides).length === 0;
  const own = isPlain ? parameters : parametersOf(listModules(parseBoltConfig(options.config, where)));
  const given = options.weights === "random" ? "random" : withoutTied(options.weights);
  const { weights, initialised } = fillWeights({ parameters, own, given, random, source, overrides });
  const linearModules = modules.flatMap(({ path, linear, parameters: held }): LinearModule[] => {
    if (!linear) return [];
    return [{ path, weight: `${path}.weight`, bias: held.length > 1 ? `${path}.bias` : null, ...linear }];
  });
  const { context_length, prediction_length, quantiles } = config.chronos_config;
  return Object.freeze<ForecastModel>({
    family: "chronos-bolt",
    config: raw,
    contextLength: context_length,
    predictionLength: config.prediction_filter_length ?? prediction_length,
    predictionChannels: null,
    quantiles,
    weights,
    initialised,
    trainableWeights: parameters.map(({ name }) => name),
    modules: modules.map(({ path }) => path),
    linearModules,
    targetPresets: targetPresets(linearModules.map(({ path }) => path)),
    source,
    build: (request) => buildForward(config, weights, request),
  });
}

function parametersOf(modules: readonly ModuleSpec[]): readonly ParameterSpec[] {
  return modules.flatMap((module) => module.parameters);
}

/** Copies of `shared.weight` that some files hold, and T5's head, which Bolt does not use. */
const tied = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"];

function withoutTied(weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map([...weights].filter(([name]) => !tied.includes(name)));
}
