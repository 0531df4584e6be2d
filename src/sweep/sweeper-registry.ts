import { didYouMean } from "../core/index.ts";
import { SweepError } from "./errors.ts";
import { gridSweeper } from "./grid-sweeper.ts";
import type { SweeperFactory } from "./sweeper.ts";

/** The sweepers that come with the framework, by the name that `hydra.sweeper._target_` gives. */
const builtinSweepers: Readonly<Record<string, SweeperFactory>> = { basic: gridSweeper };

/** Hydra's own class path for its basic sweeper, so that unmodified conf trees run. */
const hydraNames: Readonly<Record<string, string>> = {
  "hydra._internal.core_plugins.basic_sweeper.BasicSweeper": "basic",
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
