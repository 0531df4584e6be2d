import { pythonStr } from "../../config/index.ts";
import { didYouMean } from "../../core/index.ts";
import { SweepError } from "../errors.ts";
import type { Settings } from "../read-settings.ts";
import { gridSampler } from "./grid-sampler.ts";
import { randomSampler } from "./random-sampler.ts";
import type { SamplerFactory } from "./sampler.ts";
import { sobolSampler } from "./sobol-sampler.ts";
import { tpeSampler } from "./tpe-sampler.ts";

/** By the name that `hydra.sweeper.sampler._target_` gives. */
const samplers: Readonly<Record<string, SamplerFactory>> = {
  tpe: tpeSampler,
  random: randomSampler,
  sobol: sobolSampler,
  grid: gridSampler,
};

/** Optuna's class paths, so that unmodified conf trees run. */
const optunaNames: Readonly<Record<string, string>> = {
  "optuna.samplers.TPESampler": "tpe",
  "optuna.samplers.MOTPESampler": "tpe",
  "optuna.samplers.RandomSampler": "random",
  "optuna.samplers.QMCSampler": "sobol",
  "optuna.samplers.GridSampler": "grid",
  "optuna.samplers.BruteForceSampler": "grid",
};

/**
 * The sampler that `hydra.sweeper.sampler` names; TPE where there is none.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_SAMPLER
 */
export function findSampler(settings: Settings | undefined): SamplerFactory {
  const name = pythonStr(settings?.get("_target_") ?? "tpe");
  const factory = new Map(Object.entries(samplers)).get(optunaNames[name] ?? name);
  if (factory !== undefined) return factory;
  const names = Object.keys(samplers);
  throw new SweepError("SWEEP_UNKNOWN_SAMPLER", `no sampler is registered as '${name}'`, {
    where: "hydra.sweeper.sampler._target_",
    fix: [didYouMean(name, names), `choose one: hydra/sweeper/sampler=${names.join(", ")}`]
      .filter(Boolean)
      .join(" "),
  });
}
