import type { Composition, Node } from "../config/index.ts";
import { isContainer, mapNode, nodeValue, pythonStr, toYaml, withoutEntry } from "../config/index.ts";
import { AppError } from "./errors.ts";
import type { ConfigKind } from "./flags.ts";

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
  const { path, resolve } = options;
  if (path === undefined || path === "_global_") return toYaml(shownTree(composition, options.kind, resolve));
  const node = selectShown(composition, options, path);
  if (!isContainer(node)) return `${pythonStr(nodeValue(node))}\n`;
  return `# @package ${path}\n${toYaml(node)}`;
}

function shownTree(composition: Composition, kind: ConfigKind, resolve: boolean): Node {
  const { config, hydra } = resolve ? composition.resolved() : composition;
  if (kind === "job") return config;
  const shownHydra = kind === "hydra" ? withoutEntry(withoutEntry(hydra, "help"), "hydra_help") : hydra;
  const rest = kind === "all" ? config.entries : [];
  return mapNode(new Map([["hydra", shownHydra], ...rest]), hydra.origin);
}

function selectShown(composition: Composition, options: PrintConfigOptions, path: string): Node {
  const isHydra = path === "hydra" || path.startsWith("hydra.");
  const isShown = options.kind === "all" || isHydra === (options.kind === "hydra");
  const node = isShown ? composition.read(path, options.resolve) : undefined;
  if (node !== undefined) return node;
  const others = options.kind === "job" && isHydra ? " (the hydra node is shown by --cfg hydra)" : "";
  throw new AppError("APP_NO_SUCH_KEY", `'${path}' is not in the config${others}`, {
    where: `--package ${path}`,
    fix: `--cfg ${options.kind} prints all of it`,
  });
}
