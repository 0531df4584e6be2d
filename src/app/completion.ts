import { resolve } from "node:path";
import { type Composition, type StoredMap, storedData } from "../config/index.ts";
import { AppComposer, folderPath } from "./app-composer.ts";
import type { AppOptions } from "./app-settings.ts";
import { sweepVerbs } from "./command-list.ts";
import { completeFiles } from "./complete-files.ts";
import { completeGroups } from "./complete-groups.ts";
import { completeKeys } from "./complete-keys.ts";
import { installScript, type Shell, shells, uninstallScript } from "./completion-scripts.ts";
import { AppError } from "./errors.ts";
import { type Flag, flags } from "./flags.ts";
import type { AppHost } from "./host.ts";
import type { CommandLine } from "./parse-words.ts";
import { isFlag, parseWords } from "./parse-words.ts";
import { readSavedRun } from "./saved-run.ts";

/** What completion knows of an app: its name and where its configs lie. Plain data. */
export interface CompletionApp {
  readonly name: string;
  /** Absolute; null for none. */
  readonly configDir: string | null;
  readonly configName: string | null;
  readonly baseDir?: string;
  readonly defaults?: readonly string[];
  /** What the program has registered, as data. */
  readonly configStore?: Readonly<Record<string, StoredMap>>;
  /** Bare words that the program takes beside those of every app. */
  readonly commands?: readonly string[];
}

/** The parts of an app's options that completion needs, as plain data. */
export function completionApp(options: AppOptions): CompletionApp {
  const { name, configDir, configName, baseDir, defaults, commands, configStore } = options;
  return {
    name,
    configDir: configDir === null ? null : resolve(folderPath(configDir)),
    configName,
    ...(baseDir === undefined ? {} : { baseDir: resolve(folderPath(baseDir)) }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(commands === undefined ? {} : { commands }),
    ...(configStore === undefined ? {} : { configStore: storedData(configStore) }),
  };
}

/**
 * What `--shell-completion ACTION=SHELL` prints: a script to evaluate for `install` and `uninstall`; for `query` the
 * candidates for the line in the environment variable COMP_LINE.
 *
 * @throws {AppError} APP_FLAG_VALUE for an unknown action or shell
 */
export function completionText(options: AppOptions, line: CommandLine, host: AppHost): string {
  const [word = ""] = line.words;
  const [action, shell] = word.split("=");
  const known = shells.find((name) => name === shell);
  if (known === undefined) throw wrongAction(word);
  if (action === "install") return installScript(completionApp(options), known);
  if (action === "uninstall") return uninstallScript(options.name, known);
  if (action !== "query") throw wrongAction(word);
  return candidatesText(options, known, host);
}

/** The candidates for the line in COMP_LINE, as a shell reads them. */
export function candidatesText(app: CompletionApp | AppOptions, shell: Shell, host: AppHost): string {
  const candidates = completeLine(app, host.env["COMP_LINE"] ?? "", host);
  return candidates.length === 0 ? "" : `${candidates.join(shell === "fish" ? "\n" : " ")}\n`;
}

function wrongAction(word: string): AppError {
  return new AppError("APP_FLAG_VALUE", `--shell-completion cannot do '${word}'`, {
    where: `--shell-completion ${word}`,
    fix: "--shell-completion install=bash (or zsh, fish; uninstall=, query=)",
  });
}

/** The candidates for a command line, sorted. The first word (or `node script.js`) is the program. */
function completeLine(app: CompletionApp | AppOptions, typed: string, host: AppHost): readonly string[] {
  const typedWords = typed
    .replace(/^(?:(?:node|python3?|npx)\s+)?\S+/, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first, ...rest] = typedWords;
  const isFirst = typedWords.length === 0 || (typedWords.length === 1 && !typed.endsWith(" "));
  if (!isFirst && first !== undefined && Object.hasOwn(commandWords, first)) {
    const word = typed.endsWith(" ") ? "" : (rest.pop() ?? "");
    return commandWords[first]?.({ app, host, before: rest, word }) ?? [];
  }
  const last = typedWords.at(-1) ?? "";
  if (!typed.endsWith(" ") && isFlag(last)) return flagsLike(last);
  const found = completeOverrides(app, typed, typedWords, host);
  if (!isFirst) return found;
  const names = [...Object.keys(commandWords), ...(app.commands ?? [])];
  // An empty word asks for what configs offer; the commands show as soon as one is begun.
  const begun = last === "" ? [] : names.filter((name) => name.startsWith(last));
  return [...begun, ...found].sort();
}

function flagsLike(word: string): readonly string[] {
  const names = Object.values<Flag>(flags).map(({ long }) => `--${long}`);
  return names.filter((name) => name.startsWith(word)).sort();
}

interface CommandWord {
  readonly app: CompletionApp | AppOptions;
  readonly host: AppHost;
  readonly before: readonly string[];
  readonly word: string;
}

/** What follows a command of every app. */
const commandWords: Readonly<Record<string, (at: CommandWord) => readonly string[]>> = {
  rerun: ({ app, host, before, word }) => {
    const [folder, ...words] = before;
    if (folder === undefined) return foldersLike(word, host.cwd);
    return completeKeys(
      new AppComposer(app, { ...parseWords([]), words }, host, readSavedRun(folder, host.cwd)).compose(),
      word,
    );
  },
  diff: ({ app, host, word }) => [
    ...foldersLike(word, host.cwd),
    ...completeOverrides(app, ` ${word}`, word === "" ? [] : [word], host),
  ],
  sweep: ({ host, before, word }) =>
    before.length === 0 ? sweepVerbs.filter((name) => name.startsWith(word)) : foldersLike(word, host.cwd),
  schema: ({ app, host, before, word }) => {
    if (before.at(-1) !== "--group") return ["--group", "--write"].filter((name) => name.startsWith(word));
    const groups = tryCompose(app, [], host)?.groups() ?? [];
    return groups.filter((group) => group.startsWith(word) && !group.startsWith("hydra"));
  },
};

/** Paths that are typed without a `./` too. */
function foldersLike(word: string, cwd: string): readonly string[] {
  const found = completeFiles(`=${/^[./]/.test(word) ? word : `./${word}`}`, cwd) ?? [];
  return found.map((path) => (/^[./]/.test(word) ? path.slice(1) : path.slice("=./".length)));
}

function completeOverrides(
  app: CompletionApp | AppOptions,
  typed: string,
  typedWords: readonly string[],
  host: AppHost,
): readonly string[] {
  const { words: overrides, isSweep } = overrideWords(typedWords);
  const last = typedWords.at(-1) ?? "";
  const isNewWord = typed.endsWith(" ") || last !== overrides.at(-1);
  const word = isNewWord ? "" : last;
  const before = isNewWord ? overrides : overrides.slice(0, -1);
  const files = completeFiles(word, host.cwd);
  if (files !== undefined) return files;
  const composed = composeLine(app, before, host, isSweep);
  const groups =
    composed.groups === undefined
      ? { candidates: [], isExact: false }
      : completeGroups(composed.groups, word);
  const keys = composed.config === undefined || groups.isExact ? [] : completeKeys(composed.config, word);
  return [...new Set([...groups.candidates, ...keys])].sort();
}

/** The overrides among the words, without flags and their values, and whether they may sweep. */
function overrideWords(words: readonly string[]): { words: readonly string[]; isSweep: boolean } {
  try {
    const line = parseWords(words);
    return { words: line.words, isSweep: line.isSet("multirun") };
  } catch {
    return { words: words.filter((word) => !isFlag(word)), isSweep: false };
  }
}

interface ComposedLine {
  /** undefined where the words do not compose: then there are no keys to offer. */
  readonly config: Composition | undefined;
  /** What the groups are listed from. */
  readonly groups: Composition | undefined;
}

function composeLine(
  options: CompletionApp | AppOptions,
  words: readonly string[],
  host: AppHost,
  isSweep: boolean,
): ComposedLine {
  const config = tryCompose(options, words, host, isSweep);
  return { config, groups: config ?? tryCompose(options, [], host) };
}

function tryCompose(
  options: CompletionApp | AppOptions,
  words: readonly string[],
  host: AppHost,
  isSweep = false,
): Composition | undefined {
  try {
    const composer = new AppComposer(options, { ...parseWords([]), words }, host);
    return isSweep ? composer.composeSingle() : composer.compose({ allowMissingChoices: true });
  } catch {
    return undefined;
  }
}
