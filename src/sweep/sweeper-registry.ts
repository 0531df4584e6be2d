import { didYouMean } from "../core/index.ts";
import { SweepError } from "./errors.ts";
import { gridSweeper } from "./grid-sweeper.ts";
import { optimizingSweeper } from "./optimizing-sweeper.ts";
import { optunaSweeper } from "./optuna-sweeper.ts";
import { prunedSweeper } from "./pruned-sweeper.ts";
import { randomSampler } from "./samplers/random-sampler.ts";
import { sobolSampler } from "./samplers/sobol-sampler.ts";
import { tpeSampler } from "./samplers/tpe-sampler.ts";
import type { Sweeper, SweeperFactory, SweepRequest } from "./sweeper.ts";

/** The sweepers that come with the framework, by the name that `hydra.sweeper._target_` gives. */
const builtinSweepers: Readonly<Record<string, SweeperFactory>> = {
  basic: gridSweeper,
  random: (request) => optimizingSweeper(request, randomSampler),
  sobol: (request) => optimizingSweeper(request, sobolSampler),
  tpe: (request) => optimizingSweeper(request, tpeSampler),
  optuna: optunaSweeper,
};

/** The class paths of Hydra's basic sweeper and of its Optuna plug-in, so that unmodified conf trees run. */
const hydraNames: Readonly<Record<string, string>> = {
  "hydra._internal.core_plugins.basic_sweeper.BasicSweeper": "basic",
  "hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper": "optuna",
};

/**
 * The sweeper registered as `name`. A name is never an import path: a config cannot load code.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_SWEEPER
 */
export function findSweeper(
  name: string,
  registered: Readonly<Record<string, SweeperFactory>> = {},
): SweeperFactory {
  const all = new Map(Object.entries({ ...builtinSweepers, ...registered }));
  const factory = all.get(name) ?? all.get(hydraNames[name] ?? name);
  if (factory !== undefined) return factory;
  throw new SweepError("SWEEP_UNKNOWN_SWEEPER", `no sweeper is registered as '${name}'`, {
    where: "hydra.sweeper._target_",
    fix: [didYouMean(name, all.keys()), `there are: ${[...all.keys()].join(", ")}`].filter(Boolean).join(" "),
  });
}

/**
 * The sweeper registered as `name`, made, with the pruner of its settings around it.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_SWEEPER, SWEEP_UNKNOWN_PRUNER, and what the sweeper throws
 */
export function createSweeper(
  name: string,
  request: SweepRequest,
  registered: Readonly<Record<string, SweeperFactory>> = {},
): Sweeper {
  return prunedSweeper(findSweeper(name, registered)(request), request);
}
