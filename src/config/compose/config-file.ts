import { isUtf8 } from "node:buffer";
import { readFileSync, type Stats } from "node:fs";
import { configError } from "../errors.ts";
import type { Node } from "../node.ts";
import { entry, withoutEntry } from "../node.ts";
import { originText, shortPath } from "../origin.ts";
import { loadYaml } from "../yaml/load-yaml.ts";
import { holdsMarkers, mayHoldMarkers } from "../yaml/markers.ts";
import { type DefaultsEntry, parseDefaults } from "./defaults-entry.ts";
import { parseHeader } from "./header.ts";

/** One config file, read: its header's package, its defaults list and the rest. */
export interface ConfigFile {
  readonly file: string;
  /** null without a `# @package` line. */
  readonly package: string | null;
  readonly defaults: readonly DefaultsEntry[];
  /** Whether some value says how it meets the one before it (`!append`). */
  readonly holdsMarkers: boolean;
  /** The content without `defaults`. */
  readonly node: Node;
}

interface Cached {
  readonly modified: number;
  readonly size: number;
  readonly content: ConfigFile;
}

const cache = new Map<string, Cached>();
const MOST_KEPT = 5_000;

/**
 * Reads a config file, or takes it from the process's cache where time and size are unchanged.
 *
 * @param stats of the file, which the caller has at hand
 * @throws {ConfigError} for bad YAML, header or defaults list
 */
export function readConfigFile(file: string, stats: Stats): ConfigFile {
  const known = cache.get(file);
  if (known && known.modified === stats.mtimeMs && known.size === stats.size) return known.content;
  const content = parseConfigFile(readText(file), file);
  if (cache.size >= MOST_KEPT) cache.clear();
  cache.set(file, { modified: stats.mtimeMs, size: stats.size, content });
  return content;
}

/** A config file's text as {@link ConfigFile}. */
export function parseConfigFile(text: string, file: string): ConfigFile {
  const header = parseHeader(text, file);
  const node = loadYaml(text, file, { markers: mayHoldMarkers(text) });
  return configContent(node, {
    file,
    package: header.get("package") ?? null,
    holdsMarkers: mayHoldMarkers(text) && holdsMarkers(node),
  });
}

/** A config's content with its defaults list apart. */
export function configContent(
  node: Node,
  about: Pick<ConfigFile, "file" | "package" | "holdsMarkers">,
): ConfigFile {
  const defaults = node.kind === "map" ? entry(node, "defaults") : undefined;
  if (defaults?.marker !== undefined) {
    throw configError("CONFIG_DEFAULTS_INVALID", `a defaults list takes no '!${defaults.marker.does}'`, {
      where: originText(defaults.origin),
      fix: "write the list without it",
    });
  }
  return {
    ...about,
    defaults: defaults === undefined ? [] : parseDefaults(defaults),
    node: node.kind === "map" && defaults !== undefined ? withoutEntry(node, "defaults") : node,
  };
}

function readText(file: string): string {
  const bytes = readFileSync(file);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw configError("CONFIG_YAML_SYNTAX", "the file is not UTF-8 text", {
    where: shortPath(file),
    fix: "save it as UTF-8",
  });
}
