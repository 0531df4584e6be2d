import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Composition, DefaultsListItem, Node, Override } from "../config/index.ts";
import { entry, isContainer, loadYaml, nodeValue, originText, pythonStr, toYaml } from "../config/index.ts";
import { AppError } from "./errors.ts";
import { isHydraPath } from "./read-config.ts";

/** One file or word that gave a key a value. */
interface Setting {
  readonly value: string | undefined;
  readonly where: string;
}

/**
 * What `--explain KEY` prints: the value as stored, who set it, and whom that overrode, last first.
 *
 *     training.lr = 0.01
 *       set by    override 1 of 1   training.lr=0.01
 *       over      0.0001   conf/config.yaml:4:14
 *
 * @throws {AppError} APP_NO_SUCH_KEY
 */
export function explainText(composition: Composition, overrides: readonly Override[], key: string): string {
  const stored = nodeAt(isHydraPath(key) ? composition.all : composition.config, key.split("."));
  if (stored === undefined) {
    throw new AppError("APP_NO_SUCH_KEY", `'${key}' is not in the config`, {
      where: `--explain ${key}`,
      fix: "--cfg job shows all keys",
    });
  }
  const winner = originText(stored.origin);
  const settings = [...fileSettings(composition, key), ...wordSettings(overrides, key)].reverse();
  const over = settings.filter(({ where }) => where !== winner);
  const lines = [
    valueText(key, stored),
    `  set by    ${winner}`,
    ...over.map(({ value, where }) => `  over      ${value === undefined ? "" : `${value}   `}${where}`),
  ];
  return `${lines.join("\n")}\n`;
}

function valueText(key: string, node: Node): string {
  if (!isContainer(node)) return `${key} = ${scalarText(node)}`;
  const body = toYaml(node).trimEnd().split("\n");
  return [`${key}:`, ...body.map((line) => `  ${line}`)].join("\n");
}

function scalarText(node: Node): string {
  const value = nodeValue(node);
  return value === null ? "null" : pythonStr(value);
}

/** What each config of the defaults list says about the key, in merge order. */
function fileSettings(composition: Composition, key: string): Setting[] {
  return composition.defaultsList.flatMap((item) => {
    const path = pathWithin(item, key);
    const node = path === undefined ? undefined : nodeAt(contentOf(composition, item), path);
    if (node === undefined) return [];
    return [{ value: isContainer(node) ? undefined : scalarText(node), where: originText(node.origin) }];
  });
}

/** The key below the config's package, or undefined where the key lies elsewhere. */
function pathWithin({ package: place }: DefaultsListItem, key: string): string[] | undefined {
  if (place === "") return key.split(".");
  if (key === place) return [];
  return key.startsWith(`${place}.`) ? key.slice(place.length + 1).split(".") : undefined;
}

function contentOf(composition: Composition, item: DefaultsListItem): Node | undefined {
  const name = item.path.endsWith(".yaml") ? item.path : `${item.path}.yaml`;
  const file = composition.searchPath.map(({ path }) => join(path, name)).find(existsSync);
  return file === undefined ? undefined : loadYaml(readFileSync(file, "utf8"), file);
}

/** The words that set the key itself, something around it, or delete it. */
function wordSettings(overrides: readonly Override[], key: string): Setting[] {
  return overrides
    .filter((override) => key === override.key || key.startsWith(`${override.key}.`))
    .map(({ index, text }) => ({
      value: undefined,
      where: originText({ kind: "override", text, index, total: overrides.length }),
    }));
}

function nodeAt(node: Node | undefined, path: readonly string[]): Node | undefined {
  const [first, ...rest] = path;
  if (first === undefined || node === undefined) return node;
  if (node.kind === "map") return nodeAt(entry(node, first), rest);
  return node.kind === "list" ? nodeAt(node.items[Number(first)], rest) : undefined;
}
