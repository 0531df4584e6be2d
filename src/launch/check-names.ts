import { basename, join, relative } from "node:path";
import type { Composition } from "../config/index.ts";
import { LaunchError } from "./errors.ts";
import { hydraText } from "./hydra-settings.ts";

/**
 * Holds the names that become paths within a run's folder.
 *
 * @throws {LaunchError} LAUNCH_NAME for one that leads elsewhere
 */
export function checkNames(composition: Composition): void {
  const name = hydraText(composition, "job.name");
  if (name !== undefined && (basename(name) !== name || name === "..")) {
    throw new LaunchError("LAUNCH_NAME", `hydra.job.name cannot be '${name}': the log's file has that name`, {
      where: "hydra.job.name",
      fix: "write a name without '/'",
    });
  }
  const subdir = hydraText(composition, "output_subdir");
  if (subdir !== undefined && relative("/run", join("/run", subdir)).startsWith("..")) {
    throw new LaunchError(
      "LAUNCH_NAME",
      `hydra.output_subdir cannot be '${subdir}': that is not below the run's folder`,
      {
        where: "hydra.output_subdir",
        fix: "hydra.output_subdir=.hydra, or null for none",
      },
    );
  }
}
