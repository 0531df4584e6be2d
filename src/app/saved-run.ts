import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { MapNode, Node, SavedConfig } from "../config/index.ts";
import { compose, entry, loadYaml, nodeValue, pythonStr } from "../config/index.ts";
import { AppError } from "./errors.ts";

/** The folder in a run's folder that holds the YAML: `hydra.output_subdir`, where nobody changed it. */
const SUBDIR = ".hydra";

/** Whether a run's saved YAML lies in a folder. */
export function isSavedRun(folder: string): boolean {
  return yamlFolder(folder) !== undefined;
}

/**
 * What a run saved: `.hydra/config.yaml`, `hydra.yaml`, `overrides.yaml`, ours or the original Hydra's.
 *
 * @param folder  the run's folder, or the one that holds the three files
 * @throws {AppError} APP_NO_SAVED_RUN, {ConfigError} for broken YAML
 */
export function readSavedRun(folder: string, cwd: string): SavedConfig {
  const path = resolve(cwd, folder);
  const yaml = yamlFolder(path);
  if (yaml === undefined) {
    throw new AppError("APP_NO_SAVED_RUN", `'${folder}' is not the folder of a run`, {
      where: path,
      fix: `name a folder that holds ${SUBDIR}/config.yaml, such as outputs/2026-01-31/12-00-00`,
    });
  }
  const hydraFile = readYaml(join(yaml, "hydra.yaml"));
  return {
    config: asMap(readYaml(join(yaml, "config.yaml"))),
    hydra: hydraOf(hydraFile),
    words: wordsOf(readYaml(join(yaml, "overrides.yaml"))),
    folder: yaml,
  };
}

function yamlFolder(folder: string): string | undefined {
  const own = join(folder, SUBDIR);
  if (existsSync(join(own, "config.yaml"))) return own;
  const isDirect = existsSync(join(folder, "config.yaml")) && existsSync(join(folder, "overrides.yaml"));
  return isDirect ? folder : undefined;
}

function readYaml(file: string): Node | undefined {
  return existsSync(file) ? loadYaml(readFileSync(file, "utf8"), file) : undefined;
}

function asMap(node: Node | undefined): MapNode {
  if (node?.kind === "map") return node;
  throw new AppError("APP_NO_SAVED_RUN", "the saved config is not a map", { fix: "name another run" });
}

/** The saved node, or the engine's own defaults where none was saved. */
function hydraOf(file: Node | undefined): MapNode {
  const hydra = file?.kind === "map" ? entry(file, "hydra") : undefined;
  if (hydra?.kind === "map") return hydra;
  return compose({ configDir: null, configName: null, overrides: [] }).hydra;
}

function wordsOf(file: Node | undefined): readonly string[] {
  return file?.kind === "list" ? file.items.map((item) => pythonStr(nodeValue(item))) : [];
}
