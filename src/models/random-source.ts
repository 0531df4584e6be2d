import type { WeightSource } from "./forecast-model.ts";

/** What a model with new weights says of where they come from. */
export const randomSource: WeightSource = {
  weights: "random",
  path: null,
  repo: null,
  sha256: null,
  revision: null,
};
