import type { Composition, Node } from "../config/index.ts";
import { isContainer, isMissing, nodeValue, pythonStr } from "../config/index.ts";
import { readConfig } from "./read-config.ts";

/**
 * Keys of the composed config for a word: `tr` gives `training.`, `training.` what is in it, `training.lr=` its value.
 */
export function completeKeys(composition: Composition, word: string): readonly string[] {
  if (/^[+~]/.test(word)) return [];
  if (word.endsWith("=")) return offeredValue(composition, word.slice(0, -1)).map((value) => word + value);
  const dot = word.lastIndexOf(".");
  const parent = word.slice(0, dot + 1);
  const start = word.slice(dot + 1);
  return childrenOf(composition, parent.slice(0, -1))
    .filter(([key]) => key.startsWith(start))
    .map(([key, node]) => `${parent}${key}${isContainer(node) ? "." : "="}`);
}

function offeredValue(composition: Composition, key: string): string[] {
  const stored = key === "" ? undefined : read(composition, key);
  if (stored === undefined) return [];
  if (isMissing(stored)) return [""];
  if (isContainer(stored)) return [];
  const value = nodeValue(stored);
  if (value === null) return [];
  return [typeof value === "boolean" ? String(value) : pythonStr(value)];
}

function childrenOf(composition: Composition, key: string): [string, Node][] {
  if (key === "") return [["hydra", composition.hydra], ...keyed(composition.config)];
  const node = read(composition, key);
  return node === undefined ? [] : keyed(node);
}

function keyed(node: Node): [string, Node][] {
  if (node.kind === "scalar") return [];
  if (node.kind === "list") return node.items.map((item, index) => [String(index), item]);
  return [...node.entries].map(([key, item]) => [pythonStr(key), item]);
}

/** A value that fails to interpolate has nothing to offer. */
function read(composition: Composition, key: string): Node | undefined {
  try {
    return readConfig(composition, key);
  } catch {
    return undefined;
  }
}
