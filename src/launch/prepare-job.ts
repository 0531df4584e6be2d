import { createRequire } from "node:module";
import { join } from "node:path";
import type WriteFileAtomic from "write-file-atomic";
import type { Composition, ScalarNode } from "../config/index.ts";
import { engineOrigin, listNode, mapNode, scalarNode, toYaml } from "../config/index.ts";
import { folderError, makeFolder } from "./claim-folder.ts";
import { hydraText } from "./hydra-settings.ts";
import type { PlannedJob, PreparedJob } from "./job.ts";
import type { JobPlace } from "./place-composition.ts";
import { placeComposition } from "./place-composition.ts";

/**
 * Gives a job its folder: `hydra.runtime.output_dir` and `hydra.job.id` are set, and `config.yaml`, `hydra.yaml` and
 * `overrides.yaml` are written under `hydra.output_subdir` (nowhere where that is null), interpolations as text.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function prepareJob(planned: PlannedJob, place: JobPlace): PreparedJob {
  const composition = placeComposition(planned.composition, place);
  const configYaml = toYaml(composition.config);
  const subdir = hydraText(composition, "output_subdir");
  if (subdir !== undefined) writeJobFiles(join(place.outputDir, subdir), composition, configYaml);
  return { ...planned, composition, configYaml, id: place.id, outputDir: place.outputDir };
}

function writeJobFiles(folder: string, composition: Composition, configYaml: string): void {
  makeFolder(folder);
  const origin = engineOrigin("the job's words");
  const words = composition.overrides.task.map(
    (word): ScalarNode => ({ ...scalarNode(word, origin), literal: true }),
  );
  writeText(join(folder, "config.yaml"), configYaml);
  writeText(join(folder, "hydra.yaml"), toYaml(mapNode(new Map([["hydra", composition.hydra]]), origin)));
  writeText(join(folder, "overrides.yaml"), toYaml(listNode(words, origin)));
}

/** Writes to a temporary name and renames, so that a reader never sees half a file. */
export function writeText(file: string, text: string): void {
  try {
    writeAtomically().sync(file, text, { fsync: false });
  } catch (cause) {
    throw folderError(file, cause);
  }
}

/** Loaded at the first write: a command line that only shows something writes nothing. */
function writeAtomically(): typeof WriteFileAtomic {
  return createRequire(import.meta.url)("write-file-atomic") as typeof WriteFileAtomic;
}
