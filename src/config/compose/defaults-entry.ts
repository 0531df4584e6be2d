import { didYouMean } from "../../core/index.ts";
import { configError } from "../errors.ts";
import type { MapNode, Node } from "../node.ts";
import { nodeValue } from "../node.ts";
import type { Origin } from "../origin.ts";
import { originText } from "../origin.ts";
import { pythonStr } from "../python-text.ts";

/** `- db: pg`, `- override /db@src: pg`, `- optional db: [a, b]`. */
export interface GroupEntry {
  readonly kind: "group";
  /** As written, perhaps with a leading `/`. */
  readonly group: string;
  /** After `@`; null without. */
  readonly package: string | null;
  readonly value: string | null | readonly string[];
  readonly optional: boolean;
  readonly override: boolean;
  /** Appended on the command line. */
  readonly external: boolean;
  readonly origin: Origin;
}

/** `- base`, `- /dir/base@pkg`, and `- _self_`. */
export interface ConfigEntry {
  readonly kind: "config";
  readonly path: string;
  readonly package: string | null;
  readonly optional: boolean;
  readonly origin: Origin;
}

/** One line of a defaults list. */
export type DefaultsEntry = GroupEntry | ConfigEntry;

const SHAPES = "an entry is 'group: option', 'group: [a, b]', 'name' or '_self_'";

/**
 * The entries of a `defaults` node.
 *
 * @throws {ConfigError} CONFIG_DEFAULTS_INVALID at the first entry that is none
 */
export function parseDefaults(node: Node): readonly DefaultsEntry[] {
  if (node.kind !== "list") {
    throw invalid(node, "'defaults' must be a list", "write '- group: option' lines under 'defaults:'");
  }
  return node.items.map(parseEntry);
}

function parseEntry(node: Node): DefaultsEntry {
  if (node.kind === "map") return groupEntry(node);
  if (node.kind === "scalar" && typeof node.value === "string") return configEntry(node.value, node);
  throw invalid(node, `a defaults list cannot hold ${pythonStr(nodeValue(node))}`, SHAPES);
}

function configEntry(text: string, node: Node): ConfigEntry {
  const { name, package: pkg } = splitPackage(text);
  if (name === "_self_" && pkg !== null) {
    throw invalid(
      node,
      "'_self_' cannot have a package",
      "write '- _self_'; a '# @package' line moves the whole file",
    );
  }
  return { kind: "config", path: name, package: pkg, optional: false, origin: node.origin };
}

function groupEntry(node: MapNode): GroupEntry {
  const [first, second] = node.entries;
  if (first === undefined || second !== undefined) {
    throw invalid(
      node,
      "an entry of a defaults list names one group",
      "write one '- group: option' line for each",
    );
  }
  const [key, value] = first;
  const { name, package: pkg } = splitPackage(String(key));
  const { group, optional, override } = splitKeywords(name, node);
  const base = { kind: "group", group, package: pkg, optional, override, external: false } as const;
  return { ...base, value: optionValue(value), origin: node.origin };
}

function optionValue(node: Node): string | null | readonly string[] {
  if (node.kind === "list") return node.items.map(optionName);
  if (node.kind === "scalar" && node.value === null) return null;
  return optionName(node);
}

function optionName(node: Node): string {
  if (node.kind === "scalar" && typeof node.value === "string") return node.value;
  const shown = pythonStr(nodeValue(node));
  const fix = node.kind === "scalar" ? `quote it: '${shown}'` : SHAPES;
  throw invalid(node, `an option is a name, not ${shown}`, fix);
}

/** `a@b` → a, b. What follows a `:` in the package is an old form and ignored. */
export function splitPackage(text: string): { name: string; package: string | null } {
  const at = text.indexOf("@");
  if (at === -1) return { name: text, package: null };
  const [pkg = ""] = text.slice(at + 1).split(":");
  return { name: text.slice(0, at), package: pkg };
}

function splitKeywords(text: string, node: Node) {
  const words = text.split(" ");
  const group = words.pop() ?? "";
  for (const word of words) {
    if (word === "optional" || word === "override") continue;
    const fix = didYouMean(word, ["optional", "override"]) ?? "the keywords are 'optional' and 'override'";
    throw invalid(node, `unknown keyword '${word}' in '${text}'`, fix);
  }
  return { group, optional: words.includes("optional"), override: words.includes("override") };
}

function invalid(node: Node, what: string, fix: string) {
  return configError("CONFIG_DEFAULTS_INVALID", what, { where: originText(node.origin), fix });
}
