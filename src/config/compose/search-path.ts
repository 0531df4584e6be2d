import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { configError } from "../errors.ts";
import { type Element, elementValue, type Override, overridePlace } from "../grammar/index.ts";
import { Interpolator, type InterpolatorOptions } from "../interpolation/interpolator.ts";
import type { Node } from "../node.ts";
import { entry, listNode, mapNode, nodeFromValue, nodeValue } from "../node.ts";
import { originText, shortPath } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import { editList, ListFault } from "./edit-list.ts";
import { packageFolder } from "./package-folder.ts";
import type { ConfigSource } from "./repository.ts";

/** The shipped options of the `hydra` node's groups; beside this room both in the sources and as built. */
const BUILTIN = fileURLToPath(new URL("../hydra-conf", import.meta.url));

export interface SearchPathOptions {
  readonly configDir: string | null;
  readonly configDirs: readonly string[];
  readonly builtinDirs: readonly string[];
  readonly cwd: string;
}

/** Built-in options, the app's folder, then those of `--config-dir`. @throws {ConfigError} for a folder that is not there */
export function baseSources(options: SearchPathOptions): ConfigSource[] {
  const sources: ConfigSource[] = [BUILTIN, ...options.builtinDirs].map((path) => ({
    provider: "hydra",
    path,
  }));
  if (options.configDir !== null) {
    const path = resolve(options.cwd, options.configDir);
    if (!existsSync(path)) {
      throw configError("CONFIG_DIRECTORY_MISSING", `there is no config folder '${shortPath(path)}'`, {
        fix: "make it, or name another with --config-path",
      });
    }
    sources.push({ provider: "main", path });
  }
  for (const folder of options.configDirs) {
    const path = resolve(options.cwd, folder);
    if (!existsSync(path)) {
      throw configError("CONFIG_SEARCH_PATH", `there is no folder '${path}'`, {
        fix: "correct --config-dir",
      });
    }
    sources.push({ provider: "command-line", path });
  }
  return sources;
}

export interface ExtraSources {
  readonly primary: Node | undefined;
  readonly overrides: readonly Override[];
  readonly total: number;
  readonly cwd: string;
  /** Absolute folder of the app's configs: packages are looked for from there, then from the working directory. */
  readonly configDir: string | null;
  readonly interpolation: InterpolatorOptions;
  readonly warn: (message: string) => void;
}

/**
 * The folders of `hydra.searchpath`: a command-line value replaces the primary config's.
 *
 * @throws {ConfigError} CONFIG_SEARCH_PATH for anything but a list of paths
 */
export function searchPathSources(options: ExtraSources): ConfigSource[] {
  const { node, provider, where } = declared(options);
  if (node === undefined) return [];
  const tree = mapNode(new Map([["searchpath", node]]), node.origin);
  const resolved = new Interpolator(tree, options.interpolation).resolveTree();
  const value = nodeValue(resolved.kind === "map" ? (entry(resolved, "searchpath") ?? node) : node);
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    const what = `hydra.searchpath must be a list of texts, not ${pythonStr(value)}`;
    throw configError("CONFIG_SEARCH_PATH", what, { where, fix: "write hydra.searchpath=[folder,…]" });
  }
  return value.flatMap((item) => {
    const text = String(item);
    const path = sourcePath(text, options);
    if (path !== undefined && existsSync(path)) return [{ provider, path }];
    options.warn(`hydra.searchpath: '${text}' is not available`);
    if (text.startsWith("structured://")) return [];
    return [{ provider, path: path ?? text, absent: true }];
  });
}

function declared({ primary, overrides, total }: ExtraSources) {
  const hydra = primary?.kind === "map" ? entry(primary, "hydra") : undefined;
  const node = hydra?.kind === "map" ? entry(hydra, "searchpath") : undefined;
  const words = overrides.filter(({ key, kind }) => key === "hydra.searchpath" && kind === "change");
  const word = words.at(-1);
  if (word !== undefined) {
    return {
      node: words.reduce((before, next) => wordNode(next, before, total), node),
      provider: "hydra.searchpath in command-line",
      where: overridePlace({ ...word, total }, word.valueSpan),
    };
  }
  return { node, provider: "hydra.searchpath in main", where: node && originText(node.origin) };
}

/** The word's value, or for `append(…)` and the like the primary config's list with that change. */
function wordNode({ text, index, value }: Override, own: Node | undefined, total: number): Node | undefined {
  const origin = { kind: "override", text, index, total } as const;
  const node = (element: Element | null) =>
    nodeFromValue(element === null ? null : elementValue(element), origin);
  if (value?.kind !== "edit") return node(value);
  const at = value.at === null ? null : Number(value.at);
  const items = own?.kind === "list" ? own.items : [];
  try {
    return listNode(editList(items, { edit: value.edit, at, items: value.items.map(node) }), origin);
  } catch (cause) {
    if (!(cause instanceof ListFault)) throw cause;
    const where = originText(origin);
    throw configError("CONFIG_SEARCH_PATH", `hydra.searchpath: ${cause.message}`, {
      where,
      fix: cause.fix,
      cause,
    });
  }
}

/** `file://dir`, a plain path, `pkg://package/folder`; undefined for `structured://`, which is always there. */
function sourcePath(text: string, { cwd, configDir }: Pick<ExtraSources, "cwd" | "configDir">) {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text);
  if (scheme === null) return resolve(cwd, text);
  if (scheme[1] === "file") return resolve(cwd, text.slice(scheme[0].length));
  if (scheme[1] === "pkg") {
    const starts = configDir === null ? [cwd] : [configDir, cwd];
    return packageFolder(text.slice(scheme[0].length), starts);
  }
  if (scheme[1] === "structured") return undefined;
  throw configError("CONFIG_SEARCH_PATH", `'${text}' has an unknown scheme`, {
    fix: "use file://, pkg:// or a plain path",
  });
}
