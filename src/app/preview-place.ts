import { resolve } from "node:path";
import type { Composition } from "../config/index.ts";
import { checkNames, folderSetting, hydraText, placeComposition } from "../launch/index.ts";

/**
 * The composition as the job will see it if its folder is free: `${hydra:runtime.output_dir}` has a value before any
 * folder is made, so that configs which use it can be checked and printed.
 */
export function previewPlace(composition: Composition, cwd: string): Composition {
  checkNames(composition);
  return placeComposition(composition, { outputDir: plannedFolder(composition, cwd), id: null });
}

function plannedFolder(composition: Composition, cwd: string): string {
  if (hydraText(composition, "mode") !== "MULTIRUN") return folderSetting(composition, "run.dir", cwd).path;
  return resolve(
    folderSetting(composition, "sweep.dir", cwd).path,
    hydraText(composition, "sweep.subdir") ?? "",
  );
}
