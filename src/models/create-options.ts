import type { Random } from "../core/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { RawConfig, WeightSource } from "./forecast-model.ts";

/** What makes a model, whatever its family. */
export interface CreateModelOptions {
  /** `config.json`, parsed. Absent keys have the defaults of the published class. */
  readonly config: RawConfig;
  /** Keys laid over `config`. What they add to the model starts at random, what they take away is dropped. */
  readonly overrides?: RawConfig;
  /** Weights that fit `config`, or new ones. */
  readonly weights: ReadonlyMap<string, Tensor> | "random";
  /** Draws new weights, in torch's order of modules. */
  readonly random: Random;
  readonly source?: WeightSource;
}
