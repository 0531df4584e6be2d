import type { Tensor } from "../../onnx/index.ts";
import type { CreateModelOptions } from "../create-options.ts";
import { fillWeights } from "../fill-weights.ts";
import type { ForecastModel, LinearModule, RawConfig, WeightSource } from "../forecast-model.ts";
import type { ModuleSpec, ParameterSpec } from "../module-spec.ts";
import { randomSource } from "../random-source.ts";
import { describeTtm, type TtmArchitecture } from "./architecture.ts";
import { buildForward } from "./build-forward.ts";
import { listModules } from "./list-modules.ts";
import { checkOverrides, parseTtmConfig } from "./schema.ts";
import { targetPresets } from "./target-presets.ts";

/**
 * A TinyTimeMixer from a configuration and weights.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG, MODEL_UNSUPPORTED, MODEL_WEIGHTS_MISMATCH
 */
export function createTtm(options: CreateModelOptions): ForecastModel {
  const { weights: given, overrides = {}, random } = options;
  checkOverrides(overrides, options.config);
  const config = { ...options.config, ...settled(options.config, overrides) };
  const source = options.source ?? randomSource;
  const where = source.path === null ? "model configuration" : `${source.path}/config.json`;
  const architecture = describeTtm(parseTtmConfig(config, where));
  const modules = listModules(architecture);
  const parameters = parametersOf(modules);
  const own =
    Object.keys(overrides).length === 0
      ? parameters
      : parametersOf(listModules(describeTtm(parseTtmConfig(options.config, where))));
  const { weights, initialised } = fillWeights({ parameters, own, given, random, source, overrides });
  return assemble(config, architecture, modules, weights, initialised, source);
}

/** `num_patches` follows from the window, so it is not kept where an override changes the window. */
function settled(config: RawConfig, overrides: RawConfig): RawConfig {
  const window = ["context_length", "patch_length", "patch_stride", "resolution_prefix_tuning"];
  const moved = window.some((key) => key in overrides && overrides[key] !== config[key]);
  return moved && !("num_patches" in overrides) ? { num_patches: undefined, ...overrides } : overrides;
}

function parametersOf(modules: readonly ModuleSpec[]): readonly ParameterSpec[] {
  return modules.flatMap((module) => module.parameters);
}

function assemble(
  config: RawConfig,
  architecture: TtmArchitecture,
  modules: readonly ModuleSpec[],
  weights: ReadonlyMap<string, Tensor>,
  initialised: readonly string[],
  source: WeightSource,
): ForecastModel {
  const linearModules = modules.flatMap(({ path, linear }): LinearModule[] =>
    linear ? [{ path, weight: `${path}.weight`, bias: `${path}.bias`, ...linear }] : [],
  );
  return Object.freeze<ForecastModel>({
    family: "ttm",
    config,
    contextLength: architecture.config.context_length,
    predictionLength: architecture.steps,
    predictionChannels: architecture.forecastChannels,
    quantiles: null,
    weights,
    initialised,
    trainableWeights: modules
      .flatMap((module) => module.parameters)
      .filter(isTrainable)
      .map((parameter) => parameter.name),
    modules: modules.map((module) => module.path),
    linearModules,
    targetPresets: targetPresets(linearModules.map((module) => module.path)),
    source,
    build: (options) => buildForward(architecture, weights, options),
  });
}

/** Torch's parameters as against its buffers. */
function isTrainable({ name, dtype, initial }: ParameterSpec): boolean {
  return dtype === "float32" && initial.kind !== "sincos" && !/\.running_(mean|var)$/.test(name);
}
