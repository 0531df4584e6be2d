import type { Composition } from "../config/index.ts";
import { AppComposer } from "./app-composer.ts";
import type { AppOptions } from "./app-settings.ts";
import { completeFiles } from "./complete-files.ts";
import { completeGroups } from "./complete-groups.ts";
import { completeKeys } from "./complete-keys.ts";
import { installScript, shells, uninstallScript } from "./completion-scripts.ts";
import { AppError } from "./errors.ts";
import type { AppHost } from "./host.ts";
import type { CommandLine } from "./parse-words.ts";
import { isFlag, parseWords } from "./parse-words.ts";

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
  if (action === "install") return installScript(options.name, known);
  if (action === "uninstall") return uninstallScript(options.name, known);
  if (action !== "query") throw wrongAction(word);
  const candidates = completeLine(options, host.env["COMP_LINE"] ?? "", host);
  return candidates.length === 0 ? "" : `${candidates.join(known === "fish" ? "\n" : " ")}\n`;
}

function wrongAction(word: string): AppError {
  return new AppError("APP_FLAG_VALUE", `--shell-completion cannot do '${word}'`, {
    where: `--shell-completion ${word}`,
    fix: "--shell-completion install=bash (or zsh, fish; uninstall=, query=)",
  });
}

/** The candidates for a command line, sorted. The first word (or `node script.js`) is the program. */
function completeLine(options: AppOptions, typed: string, host: AppHost): readonly string[] {
  const typedWords = typed
    .replace(/^(?:(?:node|python3?|npx)\s+)?\S+/, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  const overrides = overrideWords(typedWords);
  const last = typedWords.at(-1) ?? "";
  const isNewWord = typed.endsWith(" ") || last !== overrides.at(-1);
  const word = isNewWord ? "" : last;
  const before = isNewWord ? overrides : overrides.slice(0, -1);
  const files = completeFiles(word, host.cwd);
  if (files !== undefined) return files;
  const composed = composeLine(options, before, host);
  const groups =
    composed.groups === undefined
      ? { candidates: [], isExact: false }
      : completeGroups(composed.groups, word);
  const keys = composed.config === undefined || groups.isExact ? [] : completeKeys(composed.config, word);
  return [...new Set([...groups.candidates, ...keys])].sort();
}

/** The overrides among the words; flags and their values are left out. */
function overrideWords(words: readonly string[]): readonly string[] {
  try {
    return parseWords(words).words;
  } catch {
    return words.filter((word) => !isFlag(word));
  }
}

interface ComposedLine {
  /** undefined where the words do not compose: then there are no keys to offer. */
  readonly config: Composition | undefined;
  /** What the groups are listed from. */
  readonly groups: Composition | undefined;
}

function composeLine(options: AppOptions, words: readonly string[], host: AppHost): ComposedLine {
  const config = tryCompose(options, words, host);
  return { config, groups: config ?? tryCompose(options, [], host) };
}

function tryCompose(options: AppOptions, words: readonly string[], host: AppHost): Composition | undefined {
  try {
    const composer = new AppComposer(options, { ...parseWords([]), words }, host);
    return composer.compose({ allowMissingChoices: true });
  } catch {
    return undefined;
  }
}
