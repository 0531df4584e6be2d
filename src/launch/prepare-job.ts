import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { Composition, MapNode } from "../config/index.ts";
import { engineOrigin, entry, listNode, mapNode, scalarNode, toYaml, withEntry, withHydra } from "../config/index.ts";
import { folderError, makeFolder } from "./claim-folder.ts";
import { hydraText } from "./hydra-settings.ts";
import type { PlannedJob, PreparedJob } from "./job.ts";

/** The file under `hydra.output_subdir` that holds the task's config. */
export const configFileName = "config.yaml";

export interface JobPlace {
  /** Absolute, made already. */
  readonly outputDir: string;
  readonly id: string | null;
}

/**
 * Gives a job its folder: `hydra.runtime.output_dir` and `hydra.job.id` are set, and `config.yaml`, `hydra.yaml` and
 * `overrides.yaml` are written under `hydra.output_subdir` (nowhere where that is null), interpolations as text.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function prepareJob(planned: PlannedJob, place: JobPlace): PreparedJob {
  const composition = placed(planned.composition, place);
  const configYaml = toYaml(composition.config);
  const subdir = hydraText(composition, "output_subdir");
  if (subdir !== undefined) writeJobFiles(join(place.outputDir, subdir), composition, configYaml, planned.overrides);
  return { ...planned, composition, configYaml, id: place.id, outputDir: place.outputDir };
}

/** The composition with what is known once the job has a place. */
function placed(composition: Composition, place: JobPlace): Composition {
  const origin = engineOrigin("set when the job started");
  let hydra = setIn(composition.hydra, "runtime", "output_dir", place.outputDir);
  if (place.id !== null) hydra = setIn(hydra, "job", "id", place.id);
  return withHydra(composition, hydra);

  function setIn(root: MapNode, section: string, key: string, text: string): MapNode {
    const held = entry(root, section);
    const map = held?.kind === "map" ? held : mapNode(new Map(), origin);
    return withEntry(root, section, withEntry(map, key, scalarNode(text, origin)));
  }
}

function writeJobFiles(
  folder: string,
  composition: Composition,
  configYaml: string,
  overrides: readonly string[],
): void {
  makeFolder(folder);
  const origin = engineOrigin("overrides");
  const words = listNode(
    overrides.map((word) => ({ ...scalarNode(word, origin), literal: true }) as const),
    origin,
  );
  const hydraRoot = mapNode(new Map([["hydra", composition.hydra]]), origin);
  writeText(join(folder, configFileName), configYaml);
  writeText(join(folder, "hydra.yaml"), toYaml(hydraRoot));
  writeText(join(folder, "overrides.yaml"), toYaml(words));
}

/** Writes to a temporary name and renames, so that a reader never sees half a file. */
export function writeText(file: string, text: string): void {
  try {
    writeFileAtomic.sync(file, text, { fsync: false });
  } catch (cause) {
    throw folderError(file, cause);
  }
}
