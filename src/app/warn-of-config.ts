import type { Composition } from "../config/index.ts";
import { hydraSetting } from "../launch/index.ts";
import type { AppHost } from "./host.ts";

/** What looks wrong in the config. The working directory is the process's, so jobs do not change it. */
export function warnOfConfig(composition: Composition, host: AppHost): void {
  for (const warning of composition.warnings) host.stderr(`warning: ${warning}\n`);
  if (hydraSetting(composition, "job.chdir") !== true) return;
  host.stderr(
    "warning: hydra.job.chdir is ignored; the working directory never changes, write to the output folder\n",
  );
}
