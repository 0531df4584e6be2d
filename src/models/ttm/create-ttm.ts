import type { Random } from "../../core/index.ts";
import type { Tensor } from "../../onnx/index.ts";
import type { ForecastModel, LinearModule, WeightSource } from "../forecast-model.ts";
import { describeTtm, type TtmArchitecture } from "./architecture.ts";
import { buildForward } from "./build-forward.ts";
import { initialiseWeight } from "./initialise-weight.ts";
import { listModules, type ModuleSpec, type ParameterSpec } from "./list-modules.ts";
import { matchWeights } from "./match-weights.ts";
import { checkOverrides, parseTtmConfig } from "./schema.ts";
import { targetPresets } from "./target-presets.ts";

export type RawConfig = Readonly<Record<string, unknown>>;

export interface CreateTtmOptions {
  /** `config.json`, parsed. Absent keys have the defaults of IBM's class. */
  readonly config: RawConfig;
  /** Keys laid over `config`. What they add to the model starts at random, what they take away is dropped. */
  readonly overrides?: RawConfig;
  /** Weights that fit `config`, or new ones. */
  readonly weights: ReadonlyMap<string, Tensor> | "random";
  /** Draws new weights, in torch's order of modules. */
  readonly random: Random;
  readonly source?: WeightSource;
}

/**
 * A TinyTimeMixer from a configuration and weights.
 *
 * @throws {ModelError} MODEL_BAD_CONFIG, MODEL_UNSUPPORTED, MODEL_WEIGHTS_MISMATCH
 */
export function createTtm(options: CreateTtmOptions): ForecastModel {
  const { weights: given, overrides = {}, random } = options;
  checkOverrides(overrides, options.config);
  const config = { ...options.config, ...settled(options.config, overrides) };
  const source = options.source ?? { weights: "random", path: null, sha256: null, revision: null };
  const where = source.path === null ? "model configuration" : `${source.path}/config.json`;
  const architecture = describeTtm(parseTtmConfig(config, where));
  const modules = listModules(architecture);
  const parameters = modules.flatMap((module) => module.parameters);
  if (given === "random") {
    const fresh = parameters.map(
      (parameter) => [parameter.name, initialiseWeight(parameter, random)] as const,
    );
    return assemble(config, architecture, modules, new Map(fresh), parameters, source);
  }
  const own = Object.keys(overrides).length === 0 ? parameters : parametersOf(options.config, where);
  matchWeights(
    own,
    given,
    `${source.path ?? "the given weights"}${source.path === null ? "" : "/model.safetensors"}`,
  );
  const known = new Set(own.map((parameter) => parameter.name));
  const added = parameters.filter((parameter) => !known.has(parameter.name));
  const weights = new Map(
    parameters.map((parameter) => [
      parameter.name,
      given.get(parameter.name) ?? initialiseWeight(parameter, random),
    ]),
  );
  matchWeights(parameters, weights, `${where} with the overrides ${Object.keys(overrides).join(", ")}`);
  return assemble(config, architecture, modules, weights, added, source);
}

/** `num_patches` follows from the window, so it is not kept where an override changes the window. */
function settled(config: RawConfig, overrides: RawConfig): RawConfig {
  const window = ["context_length", "patch_length", "patch_stride", "resolution_prefix_tuning"];
  const moved = window.some((key) => key in overrides && overrides[key] !== config[key]);
  return moved && !("num_patches" in overrides) ? { num_patches: undefined, ...overrides } : overrides;
}

function parametersOf(config: RawConfig, where: string): readonly ParameterSpec[] {
  return listModules(describeTtm(parseTtmConfig(config, where))).flatMap((module) => module.parameters);
}

function assemble(
  config: RawConfig,
  architecture: TtmArchitecture,
  modules: readonly ModuleSpec[],
  weights: ReadonlyMap<string, Tensor>,
  initialised: readonly ParameterSpec[],
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
    weights,
    initialised: initialised.map((parameter) => parameter.name),
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
