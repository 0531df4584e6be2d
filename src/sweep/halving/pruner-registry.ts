import { pythonStr } from "../../config/index.ts";
import { didYouMean } from "../../core/index.ts";
import { SweepError } from "../errors.ts";
import type { Direction } from "../objectives.ts";
import type { Settings } from "../read-settings.ts";
import { readNumber } from "../read-settings.ts";
import type { Pruner } from "./pruner.ts";
import { StoppingHalving } from "./stopping-halving.ts";
import { SuccessiveHalving } from "./successive-halving.ts";

type PrunerFactory = (settings: Settings, direction: Direction) => Pruner | undefined;

/** By the name that `hydra.sweeper.pruner._target_` gives. */
const pruners: Readonly<Record<string, PrunerFactory>> = {
  none: () => undefined,
  asha: (settings, direction) =>
    new SuccessiveHalving({
      ...commonSettings(settings, direction),
      earlyRungs: readNumber(settings, "min_early_stopping_rate", 0, { least: 0 }),
    }),
  asha_stopping: (settings, direction) =>
    new StoppingHalving({
      ...commonSettings(settings, direction),
      maxResource: readNumber(settings, "max_resource", Number.MAX_SAFE_INTEGER, { least: 1 }),
      onNan: "stop",
    }),
};

/** Optuna's class paths. */
const optunaNames: Readonly<Record<string, string>> = {
  "optuna.pruners.NopPruner": "none",
  "optuna.pruners.SuccessiveHalvingPruner": "asha",
};

function commonSettings(settings: Settings, direction: Direction) {
  const isAuto = settings.get("min_resource") === "auto";
  return {
    direction,
    minResource: isAuto ? 1 : readNumber(settings, "min_resource", 1, { least: 1 }),
    reduction: readNumber(settings, "reduction_factor", 4, { least: 2 }),
  };
}

/**
 * The pruner that the settings of `hydra.sweeper.pruner` name; undefined for none.
 *
 * @throws {SweepError} SWEEP_UNKNOWN_PRUNER, SWEEP_SETTING
 */
export function findPruner(settings: Settings, direction: Direction): Pruner | undefined {
  const name = pythonStr(settings.get("_target_") ?? "asha");
  const factory = new Map(Object.entries(pruners)).get(optunaNames[name] ?? name);
  if (factory !== undefined) return factory(settings, direction);
  const names = [...Object.keys(pruners), "asha_promotion"];
  throw new SweepError("SWEEP_UNKNOWN_PRUNER", `no pruner is registered as '${name}'`, {
    where: "hydra.sweeper.pruner._target_",
    fix: [didYouMean(name, names), `choose one: hydra/sweeper/pruner=${names.join(", ")}`]
      .filter(Boolean)
      .join(" "),
  });
}
