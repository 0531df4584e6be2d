import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Composition, MapNode, Node, SavedConfig } from "../config/index.ts";
import { composeSaved, loadYaml, originText, parseOverrides } from "../config/index.ts";
import { AppComposer } from "./app-composer.ts";
import type { CommandApp } from "./commands.ts";
import { AppError } from "./errors.ts";
import { placeOf } from "./explain.ts";
import type { CommandLine } from "./parse-words.ts";
import { isSavedRun, readSavedRun } from "./saved-run.ts";
import { splitWords } from "./split-words.ts";

/** One side of a `diff`. */
export interface DiffOperand {
  readonly name: string;
  readonly tree: MapNode;
  /** Who set the key. */
  place(key: string): string;
}

export interface OperandOptions {
  readonly app: CommandApp;
  /** The flags: `-cn`, `-cd`, … */
  readonly line: CommandLine;
  /** Interpolate before comparing. */
  readonly resolve: boolean;
}

/**
 * What one side of a `diff` names: the folder of a run, a YAML file, a primary config, or override words for the app
 * (none at all: the app as it is).
 *
 * @throws {AppError} APP_NO_SAVED_RUN for a folder that is no run's; what composing throws
 */
export function diffOperand(words: readonly string[], options: OperandOptions): DiffOperand {
  const [first = "", ...rest] = words;
  const path = resolve(options.app.host.cwd, first);
  const isPath = rest.length === 0 && first !== "" && existsSync(path);
  if (isPath && (isSavedRun(path) || /[\\/]/.test(first)) && statSync(path).isDirectory())
    return savedOperand(first, options);
  if (isPath && /\.ya?ml$/.test(first)) return fileOperand(first, path);
  return composedOperand(words, options);
}

function savedOperand(folder: string, { app, resolve: isResolved }: OperandOptions): DiffOperand {
  const saved = readSavedRun(folder, app.host.cwd);
  const { cwd, env } = app.host;
  const { resolvers = {} } = app.options;
  const composition = composeSaved({
    saved,
    overrides: [],
    cwd,
    env: { ...env },
    resolvers,
    now: app.host.now(),
  });
  const operand = operandOf(folder, composition, isResolved);
  return { ...operand, place: (key) => `${operand.place(key)}${wordOf(saved, key)}` };
}

/** The last word of the run that set a key, where there is one: the saved file holds only the outcome. */
function wordOf(saved: SavedConfig, key: string): string {
  const words = parseOverrides(saved.words);
  const word = words.findLast((one) => key === one.key || key.startsWith(`${one.key}.`));
  return word === undefined ? "" : `   from ${word.text}`;
}

function fileOperand(name: string, path: string): DiffOperand {
  const tree = loadYaml(readFileSync(path, "utf8"), path);
  if (tree.kind !== "map") {
    throw new AppError("APP_COMMAND_USAGE", `'${name}' is not a map`, {
      where: name,
      fix: "name another file",
    });
  }
  return { name, tree, place: (key) => placeInTree(tree, key) };
}

function composedOperand(
  words: readonly string[],
  { app, line, resolve: isResolved }: OperandOptions,
): DiffOperand {
  const split = words.flatMap(splitWords);
  const name = words.join(" ") || "(no overrides)";
  const configName = split.find((word) => /^[\w./-]+$/.test(word));
  const overrides = split.filter((word) => word !== configName);
  const own = { ...line, words: overrides, ...(configName === undefined ? {} : { configName }) };
  const composition = new AppComposer(app.options, own, app.host).compose();
  return operandOf(name, composition, isResolved);
}

function operandOf(name: string, composition: Composition, isResolved: boolean): DiffOperand {
  const tree = isResolved ? composition.resolved().config : composition.config;
  return { name, tree, place: (key) => placeOf(composition, key) || placeInTree(tree, key) };
}

function placeInTree(tree: MapNode, key: string): string {
  const parts = key.split(/[.[\]]+/).filter((text) => text !== "");
  return originText(parts.reduce<Node>((node, part) => childOf(node, part) ?? node, tree).origin);
}

function childOf(node: Node, key: string): Node | undefined {
  if (node.kind === "map") return node.entries.get(key);
  return node.kind === "list" ? node.items[Number(key)] : undefined;
}
