import { join } from "node:path";
import { toYaml } from "../config/index.ts";
import { makeFolder } from "./claim-folder.ts";
import { hydraText } from "./hydra-settings.ts";
import type { PlannedJob, PreparedJob } from "./job.ts";
import { type JobYaml, jobYaml } from "./job-yaml.ts";
import type { JobPlace } from "./place-composition.ts";
import { placeComposition } from "./place-composition.ts";
import { writeText } from "./write-text.ts";

/**
 * Gives a job its folder: `hydra.runtime.output_dir` and `hydra.job.id` are set, and `config.yaml`, `hydra.yaml` and
 * `overrides.yaml` are written under `hydra.output_subdir` (nowhere where that is null), interpolations as text.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function prepareJob(
  planned: PlannedJob,
  place: JobPlace & { readonly attempt?: number },
): PreparedJob {
  const { id, outputDir, attempt = 1 } = place;
  const composition = placeComposition(planned.composition, place);
  const subdir = hydraText(composition, "output_subdir");
  const yaml = subdir === undefined ? undefined : jobYaml(composition);
  if (yaml !== undefined) writeJobFiles(join(outputDir, subdir ?? ""), yaml);
  const configYaml = yaml?.config ?? toYaml(composition.config);
  return { ...planned, composition, configYaml, id, outputDir, attempt };
}

function writeJobFiles(folder: string, { config, hydra, overrides }: JobYaml): void {
  makeFolder(folder);
  writeText(join(folder, "config.yaml"), config);
  writeText(join(folder, "hydra.yaml"), hydra);
  writeText(join(folder, "overrides.yaml"), overrides);
}
