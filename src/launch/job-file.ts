import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MapNode, Node, Resolver } from "../config/index.ts";
import {
  compositionClock,
  entry,
  loadYaml,
  nodeValue,
  pythonStr,
  restoreComposition,
} from "../config/index.ts";
import { LaunchError } from "./errors.ts";
import { hydraText } from "./hydra-settings.ts";
import type { JobSweep, PreparedJob } from "./job.ts";
import { type JobYaml, jobYaml } from "./job-yaml.ts";
import { placeComposition } from "./place-composition.ts";
import { writeText } from "./write-text.ts";

/** The file in a job's folder that holds what running the job takes, beside the YAML. */
const jobName = "job.json";

/** One launcher and its job processes may be of different versions of the program only where this is the same. */
const VERSION = 1;

interface JobFile {
  readonly version: number;
  readonly num: number | null;
  readonly id: string | null;
  readonly attempt: number;
  readonly name: string;
  readonly mode: PreparedJob["mode"];
  readonly sweep: (Omit<JobSweep, "count"> & { readonly count: number | null }) | null;
  /** The clock that `${now:…}` reads. */
  readonly now: string;
  /** The folder with the YAML, below the job's; the texts themselves where `hydra.output_subdir` is null. */
  readonly yaml: string | JobYaml;
}

/**
 * Writes `job.json`: with the saved YAML all that another process needs to run the job. Nothing is composed there.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function writeJobFile(job: PreparedJob): void {
  const { num, id, attempt, jobName: name, mode, sweep, composition, outputDir } = job;
  const file: JobFile = {
    version: VERSION,
    num,
    id,
    attempt,
    name,
    mode,
    sweep: sweep === undefined ? null : { ...sweep, count: sweep.count ?? null },
    now: compositionClock(composition).toISOString(),
    yaml: hydraText(composition, "output_subdir") ?? jobYaml(composition),
  };
  writeText(join(outputDir, jobName), `${JSON.stringify(file)}\n`);
}

/** The id of the sweep whose job a folder holds; undefined where it says none. */
export function readJobSweep(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, jobName), "utf8")) as JobFile).sweep?.id;
  } catch {
    return undefined;
  }
}

export interface ReadJobOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
}

/**
 * The job of a folder, as its launcher prepared it.
 *
 * @throws {LaunchError} LAUNCH_NO_JOB where the folder holds none
 */
export function readJobFile(folder: string, { env, resolvers }: ReadJobOptions): PreparedJob {
  const file = parseFile(folder);
  const yaml = typeof file.yaml === "string" ? readYaml(join(folder, file.yaml)) : file.yaml;
  const hydra = entry(mapOf(yaml.hydra, folder), "hydra");
  const saved = {
    config: mapOf(yaml.config, folder),
    hydra: hydra?.kind === "map" ? hydra : mapOf("", folder),
    words: wordsOf(yaml.overrides),
    folder,
  };
  const restored = restoreComposition({ saved, now: new Date(file.now), env, resolvers });
  const { num, id, attempt, name, mode, sweep } = file;
  return {
    num,
    id,
    attempt,
    jobName: name,
    mode,
    overrides: saved.words,
    composition: placeComposition(restored, { outputDir: folder, id }),
    sweep: sweep === null ? undefined : { ...sweep, count: sweep.count ?? undefined },
    outputDir: folder,
    configYaml: yaml.config,
  };
}

function parseFile(folder: string): JobFile {
  const path = join(folder, jobName);
  try {
    const file = JSON.parse(readFileSync(path, "utf8")) as JobFile;
    if (file.version === VERSION) return file;
  } catch (cause) {
    throw noJob(path, existsSync(path) ? "job.json is damaged" : "this is no job's folder", cause);
  }
  throw noJob(path, "job.json is of another version of this program", undefined);
}

function noJob(path: string, what: string, cause: unknown): LaunchError {
  return new LaunchError("LAUNCH_NO_JOB", what, {
    where: path,
    fix: "name the folder of a job that a launcher prepared, such as multirun/…/0",
    cause,
  });
}

function readYaml(folder: string): JobYaml {
  const text = (name: string) => readFileSync(join(folder, name), "utf8");
  return { config: text("config.yaml"), hydra: text("hydra.yaml"), overrides: text("overrides.yaml") };
}

function mapOf(text: string, file: string): MapNode {
  const node: Node | undefined = loadYaml(text, file);
  if (node?.kind === "map") return node;
  throw noJob(file, "a saved config of the job is damaged", undefined);
}

function wordsOf(text: string): readonly string[] {
  const node = loadYaml(text, "overrides.yaml");
  return node?.kind === "list" ? node.items.map((item) => pythonStr(nodeValue(item))) : [];
}
