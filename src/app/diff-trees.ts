import type { Key, MapNode, Node } from "../config/index.ts";
import { listNode, pythonStr, toYaml } from "../config/index.ts";

/** One key in which two configs differ. */
export interface Difference {
  /** `training.betas[0]`. */
  readonly key: string;
  /** undefined where only the other has it. */
  readonly a: Node | undefined;
  readonly b: Node | undefined;
}

/**
 * The keys in which two trees differ, in the order of the first, then what only the second has. Lists of one length are
 * compared item by item, others whole. `1` and `1.0` differ, as do `1` and `'1'`.
 */
export function diffTrees(a: MapNode, b: MapNode): readonly Difference[] {
  return compare(a, b, "");
}

function compare(a: Node | undefined, b: Node | undefined, key: string): Difference[] {
  if (a === b) return [];
  if (isBranch(a) && isBranch(b)) return compareMaps(a, b, key);
  if (isBranch(a) && b === undefined) return compareMaps(a, undefined, key);
  if (isBranch(b) && a === undefined) return compareMaps(undefined, b, key);
  if (a?.kind === "list" && b?.kind === "list" && a.items.length === b.items.length)
    return a.items.flatMap((item, index) => compare(item, b.items[index], `${key}[${index}]`));
  if (a !== undefined && b !== undefined && nodeLine(a) === nodeLine(b)) return [];
  return [{ key, a, b }];
}

/** A map with something in it; an empty one is a value. */
function isBranch(node: Node | undefined): node is MapNode {
  return node?.kind === "map" && node.entries.size > 0;
}

function compareMaps(a: MapNode | undefined, b: MapNode | undefined, key: string): Difference[] {
  const names = new Map<string, Key>();
  for (const name of [...(a?.entries.keys() ?? []), ...(b?.entries.keys() ?? [])])
    names.set(pythonStr(name), name);
  return [...names].flatMap(([text, name]) => {
    const path = key === "" ? text : `${key}.${text}`;
    return compare(a?.entries.get(name), b?.entries.get(name), path);
  });
}

/** A node on one line, as YAML writes it: `'1'` and `1` look different. */
export function nodeLine(node: Node): string {
  const yaml = toYaml(listNode([node], node.origin))
    .slice(2)
    .trimEnd();
  return node.kind === "scalar" ? yaml : yaml.replaceAll(/\n\s*/g, "; ");
}
