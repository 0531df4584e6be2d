import { didYouMean } from "../core/index.ts";
import { basicLauncher } from "./basic-launcher.ts";
import { LaunchError } from "./errors.ts";
import type { LauncherFactory } from "./launcher.ts";
import { localLauncher } from "./local/local-launcher.ts";
import { slurmLauncher } from "./slurm/slurm-launcher.ts";

/** The launchers that come with the framework, by the name that `hydra.launcher._target_` gives. */
const builtinLaunchers: Readonly<Record<string, LauncherFactory>> = {
  basic: basicLauncher,
  local: localLauncher,
  slurm: slurmLauncher,
};

/** The class paths of Hydra's launchers, so that unmodified conf trees run. */
const hydraNames: Readonly<Record<string, string>> = {
  "hydra._internal.core_plugins.basic_launcher.BasicLauncher": "basic",
  "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher": "local",
  "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher": "slurm",
};

/**
 * The launcher registered as `name`. A name is never an import path: a config cannot load code.
 *
 * @throws {LaunchError} LAUNCH_UNKNOWN_LAUNCHER
 */
export function findLauncher(
  name: string,
  registered: Readonly<Record<string, LauncherFactory>> = {},
): LauncherFactory {
  const all = new Map(Object.entries({ ...builtinLaunchers, ...registered }));
  const factory = all.get(name) ?? all.get(hydraNames[name] ?? name);
  if (factory !== undefined) return factory;
  throw new LaunchError("LAUNCH_UNKNOWN_LAUNCHER", `no launcher is registered as '${name}'`, {
    where: "hydra.launcher._target_",
    fix: [didYouMean(name, all.keys()), `there are: ${[...all.keys()].join(", ")}`].filter(Boolean).join(" "),
  });
}
