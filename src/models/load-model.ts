import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Random } from "../core/index.ts";
import { createModel } from "./create-model.ts";
import { ModelError } from "./errors.ts";
import type { ForecastModel, ModelFamily, RawConfig, WeightSource } from "./forecast-model.ts";
import { readWeights } from "./read-weights.ts";

export interface LoadModelOptions {
  /** Folder with `config.json` and `model.safetensors`, as the hub publishes them. */
  readonly path: string;
  /** Keys laid over `config.json`. Weights of layers that these add start at random. */
  readonly overrides?: RawConfig;
  /** A folder whose `config.json` takes the place of the one beside the weights. */
  readonly configPath?: string;
  readonly random: Random;
  /** What the folder is, where the user did not name it by its path. */
  readonly origin?: Pick<WeightSource, "weights" | "repo">;
  /** Which code reads the folder; as its `config.json` says where absent. */
  readonly family?: ModelFamily;
}

const configFile = "config.json";
const weightsFile = "model.safetensors";

/**
 * Reads a model from a folder.
 *
 * @throws {ModelError} MODEL_NOT_FOUND, MODEL_BAD_CONFIG, MODEL_UNSUPPORTED, MODEL_WEIGHTS_MISMATCH
 * @throws {OnnxError} SAFETENSORS_BAD_FILE
 */
export function loadModel(options: LoadModelOptions): ForecastModel {
  const { path, overrides, configPath, random, family, origin } = options;
  const folder = resolve(path);
  const config = readModelConfig(configPath ?? folder);
  const file = requireFile(folder, weightsFile);
  const { tensors, sha256 } = readWeights(file);
  return createModel(family ?? familyOf(config), {
    config,
    ...(overrides ? { overrides } : {}),
    weights: tensors,
    random,
    source: {
      weights: "path",
      repo: null,
      ...origin,
      path: folder,
      sha256,
      revision: snapshotRevision(folder),
    },
  });
}

/**
 * The parsed `config.json` of a model's folder.
 *
 * @throws {ModelError} MODEL_NOT_FOUND, MODEL_BAD_CONFIG where it is no JSON object
 */
export function readModelConfig(path: string): RawConfig {
  const file = requireFile(resolve(path), configFile);
  const parsed = parseJson(file);
  if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new ModelError("MODEL_BAD_CONFIG", "config.json is not a JSON object", {
    where: file,
    fix: "download the file again",
  });
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ModelError("MODEL_BAD_CONFIG", "config.json is not valid JSON", {
      where: file,
      fix: cause instanceof Error ? `mend it (${cause.message}) or download it again` : "download it again",
      cause,
    });
  }
}

function requireFile(folder: string, name: string): string {
  const file = join(folder, name);
  if (existsSync(file)) return file;
  throw new ModelError("MODEL_NOT_FOUND", whatIsMissing(folder, name), {
    where: file,
    fix: fixFor(folder),
  });
}

function whatIsMissing(folder: string, name: string): string {
  if (!existsSync(folder)) return `the folder ${folder} does not exist`;
  return statSync(folder).isDirectory()
    ? `the folder ${folder} has no ${name}`
    : `${folder} is a file, not a folder`;
}

function fixFor(folder: string): string {
  if (existsSync(folder) && !statSync(folder).isDirectory()) return `model.path=${dirname(folder)}`;
  return `set model.path to a folder with ${configFile} and ${weightsFile}, or use model.weights=random`;
}

/** The family a configuration is of: Chronos-Bolt's are T5's, anything else is taken for a TTM. */
function familyOf({ model_type: type }: RawConfig): ModelFamily {
  return type === "t5" ? "chronos-bolt" : "ttm";
}

/** The commit in a path such as `…/models--owner--name/snapshots/<commit>`, the layout of a hub cache. */
function snapshotRevision(folder: string): string | null {
  return /[\\/]snapshots[\\/]([0-9a-f]{40})(?:[\\/]|$)/.exec(folder)?.[1] ?? null;
}
