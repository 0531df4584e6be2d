import type { Composition, MapNode, Node } from "../config/index.ts";
import { isContainer, mapNode, nodeValue, pythonStr, toYaml, withoutEntry } from "../config/index.ts";
import { AppError } from "./errors.ts";
import type { ConfigKind } from "./flags.ts";
import { isHydraPath, readConfig } from "./read-config.ts";

export interface PrintConfigOptions {
  readonly kind: ConfigKind;
  /** A key path: only that part. undefined and `_global_` mean all of it. */
  readonly path: string | undefined;
  /** Interpolate; what depends on a `???` is printed as `???`. */
  readonly resolve: boolean;
}

/**
 * What `--cfg KIND` prints: YAML, and for a part of the config a `# @package` line before it; a scalar bare.
 *
 * @throws {AppError} APP_NO_SUCH_KEY for a part that is not there
 */
export function printConfig(composition: Composition, options: PrintConfigOptions): string {
  const { path, kind, resolve } = options;
  if (path === undefined || path === "_global_") return toYaml(shownTree(composition, kind, resolve));
  const node = shownPart(composition, options, path);
  if (!isContainer(node)) return `${nodeText(node)}\n`;
  return `# @package ${path}\n${toYaml(node)}`;
}

/** A value as Hydra prints it alone: `None` is written `null`. */
function nodeText(node: Node): string {
  const value = nodeValue(node);
  return value === null ? "null" : pythonStr(value);
}

/** The task's config, the hydra node (without its help texts), or both. */
export function shownTree(composition: Composition, kind: ConfigKind, resolve: boolean): MapNode {
  const { config, hydra } = resolve ? composition.resolved() : composition;
  if (kind === "job") return config;
  if (kind === "hydra") return mapNode(new Map([["hydra", withoutHelp(hydra)]]), hydra.origin);
  return mapNode(new Map([["hydra", hydra], ...config.entries]), config.origin);
}

/** The help's templates are long and say nothing about the run. */
function withoutHelp(hydra: MapNode): MapNode {
  return withoutEntry(withoutEntry(hydra, "help"), "hydra_help");
}

function shownPart(composition: Composition, { kind, resolve }: PrintConfigOptions, path: string): Node {
  const isHydra = isHydraPath(path);
  const isHelp = kind === "hydra" && /^hydra\.(?:hydra_)?help(?:\.|$)/.test(path);
  const isShown = (kind === "all" || isHydra === (kind === "hydra")) && !isHelp;
  const node = isShown ? readConfig(composition, path, resolve) : undefined;
  if (node?.kind === "map" && kind === "hydra" && path === "hydra") return withoutHelp(node);
  if (node !== undefined) return node;
  const hint =
    kind === "job" && isHydra ? "--cfg hydra shows the hydra node" : `--cfg ${kind} shows all of it`;
  throw new AppError("APP_NO_SUCH_KEY", `'${path}' is not in the config`, {
    where: `--package ${path}`,
    fix: hint,
  });
}
