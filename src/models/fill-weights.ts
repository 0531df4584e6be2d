import type { Random } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { RawConfig, WeightSource } from "./forecast-model.ts";
import { initialiseWeight } from "./initialise-weight.ts";
import { matchWeights } from "./match-weights.ts";
import type { ParameterSpec } from "./module-spec.ts";

export interface FillWeightsOptions {
  /** What the model holds, overrides applied. */
  readonly parameters: readonly ParameterSpec[];
  /** What its configuration asks for without the overrides: the given weights must be these. */
  readonly own: readonly ParameterSpec[];
  readonly given: ReadonlyMap<string, Tensor> | "random";
  /** Draws new weights, in the order of `parameters`. */
  readonly random: Random;
  readonly source: WeightSource;
  readonly overrides: RawConfig;
}

/**
 * The weights of a model: those given, and new ones where overrides add layers or everything is random.
 *
 * @returns the weights in the order of `parameters`, and the names of the new ones
 * @throws {ModelError} MODEL_WEIGHTS_MISMATCH
 */
export function fillWeights(options: FillWeightsOptions): {
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly initialised: readonly string[];
} {
  const { parameters, own, given, random, source, overrides } = options;
  if (given === "random") {
    const fresh = parameters.map(
      (parameter) => [parameter.name, initialiseWeight(parameter, random)] as const,
    );
    return { weights: new Map(fresh), initialised: parameters.map(({ name }) => name) };
  }
  const folder = source.path;
  matchWeights(own, given, folder === null ? "the given weights" : `${folder}/model.safetensors`);
  const known = new Set(own.map(({ name }) => name));
  const weights = new Map(
    parameters.map((parameter) => [
      parameter.name,
      given.get(parameter.name) ?? initialiseWeight(parameter, random),
    ]),
  );
  const config = folder === null ? "model configuration" : `${folder}/config.json`;
  matchWeights(parameters, weights, `${config} with the overrides ${Object.keys(overrides).join(", ")}`);
  return {
    weights,
    initialised: parameters.flatMap(({ name }) => (known.has(name) ? [] : [name])),
  };
}
