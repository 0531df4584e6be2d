import type { Composition, KeyHistory, Node } from "../config/index.ts";
import {
  explainKey,
  isContainer,
  isInterpolation,
  nodeValue,
  originText,
  pythonStr,
} from "../config/index.ts";
import { didYouMean, TtmError } from "../core/index.ts";
import { AppError } from "./errors.ts";
import type { Check } from "./load-check.ts";
import { readConfig } from "./read-config.ts";

/** How far a chain of `${a}`, `${b}`, … is followed. */
const LONGEST_CHAIN = 20;

/**
 * What `--explain KEY` prints: the value as stored, who set it, and what that overrode, last first. Below an
 * interpolation stand what it gives and who set what it reads; a container is explained leaf by leaf.
 *
 *     training.lr = 0.01
 *       set by    override 1 of 1   training.lr=0.01
 *       over      0.0001   conf/training/default.yaml:4:14   chosen by conf/config.yaml:3:5
 *
 * @param check  validates the config; where the key is absent it says what the schema fills in
 * @throws {AppError} APP_NO_SUCH_KEY
 */
export function explainText(composition: Composition, key: string, check: Check): string {
  const history = explainKey(composition, key);
  const node = history[0]?.node;
  if (node === undefined) return `${absentLines(composition, key, history, check).join("\n")}\n`;
  const lines = isContainer(node) ? containerLines(composition, key, node) : chainLines(key, history);
  if (isInterpolation(node)) lines.push(...interpolationLines(composition, key, node.value));
  return `${lines.join("\n")}\n`;
}

function chainLines(key: string, [winner, ...others]: readonly KeyHistory[]): string[] {
  if (winner === undefined) return [];
  return [`${key} = ${nodeText(winner.node)}`, `  set by    ${sourceText(winner)}`, ...others.map(overLine)];
}

function overLine(step: KeyHistory): string {
  const value = step.node === undefined ? "deleted" : nodeText(step.node);
  return `  over      ${value}   ${sourceText(step)}`;
}

/** The place, and for a file of a group who chose that file. */
function sourceText({ origin, item }: KeyHistory): string {
  const chooser = item?.chosenBy ?? null;
  return originText(origin) + (chooser === null ? "" : `   chosen by ${originText(chooser)}`);
}

function nodeText(node: Node | undefined): string {
  if (node === undefined) return "nothing";
  if (node.kind === "list") return `a list of ${node.items.length}`;
  if (node.kind === "map") return `a map of ${node.entries.size}`;
  const value = nodeValue(node);
  return value === null ? "null" : pythonStr(value);
}

function containerLines(composition: Composition, key: string, node: Node): string[] {
  const rows = leaves(node, key).map(([path, leaf]) => {
    const [winner] = explainKey(composition, path);
    const place = winner === undefined ? originText(leaf.origin) : sourceText(winner);
    return [`  ${path} = ${nodeText(leaf)}`, place] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return [`${key}:`, ...rows.map(([left, right]) => `${left.padEnd(width)}   ${right}`)];
}

/** Everything below a node that has nothing below it. */
function leaves(node: Node, path: string): [string, Node][] {
  if (node.kind === "scalar") return [[path, node]];
  const children: [string, Node][] =
    node.kind === "list"
      ? node.items.map((item, index) => [String(index), item])
      : [...node.entries].map(([key, item]) => [pythonStr(key), item]);
  if (children.length === 0) return [[path, node]];
  return children.flatMap(([key, child]) => leaves(child, path === "" ? key : `${path}.${key}`));
}

function interpolationLines(composition: Composition, key: string, text: string): string[] {
  return [
    `  gives     ${resolvedText(composition, key)}`,
    ...referenceLines(composition, text, LONGEST_CHAIN),
  ];
}

function resolvedText(composition: Composition, key: string): string {
  try {
    return nodeText(readConfig(composition, key, true));
  } catch (error) {
    if (error instanceof TtmError) return `nothing: ${error.message}`;
    throw error;
  }
}

/** Who set the keys that an interpolation names plainly, and what those read in turn. */
function referenceLines(composition: Composition, text: string, left: number): string[] {
  if (left === 0) return [];
  return [...text.matchAll(/\$\{([\w.[\]/-]+)\}/g)].flatMap(([, key = ""]) => {
    const [winner] = explainKey(composition, key);
    if (winner?.node === undefined) return [];
    const line = `  reads     ${key} = ${nodeText(winner.node)}   ${sourceText(winner)}`;
    const further = isInterpolation(winner.node)
      ? referenceLines(composition, winner.node.value, left - 1)
      : [];
    return [line, ...further];
  });
}

function absentLines(
  composition: Composition,
  key: string,
  history: readonly KeyHistory[],
  check: Check,
): readonly string[] {
  const [deletion, ...others] = history;
  if (deletion !== undefined) {
    return [`${key} is not in the config`, `  deleted   ${sourceText(deletion)}`, ...others.map(overLine)];
  }
  const filled = schemaValue(composition, key, check);
  if (filled !== undefined) return [`${key} = ${filled}`, "  set by    the schema's default"];
  throw new AppError("APP_NO_SUCH_KEY", `'${key}' is not in the config`, {
    where: `--explain ${key}`,
    fix: nearKey(composition, key) ?? "--cfg job shows all keys",
  });
}

/** What the schema puts where the config has nothing. A config with faults has no such values. */
function schemaValue(composition: Composition, key: string, check: Check): string | undefined {
  try {
    const value = key.split(".").reduce<unknown>(childOf, check(composition));
    return value === undefined ? undefined : JSON.stringify(value);
  } catch (error) {
    if (error instanceof TtmError || error instanceof AggregateError) return undefined;
    throw error;
  }
}

function childOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

function nearKey(composition: Composition, key: string): string | undefined {
  const known = leaves(composition.config, "").map(([path]) => path);
  return didYouMean(key, known);
}

/** Where the value at a key came from, with who chose its file; for lines about a key. */
export function placeOf(composition: Composition, key: string): string {
  const [winner] = explainKey(composition, key);
  return winner === undefined ? "" : sourceText(winner);
}
