import { closestNames } from "../core/index.ts";
import { AppError } from "./errors.ts";
import type { ConfigKind, Flag, FlagName, InfoKind } from "./flags.ts";
import { flags } from "./flags.ts";
import { keyFlag } from "./key-flag.ts";

/** A command line, taken apart. */
export interface CommandLine {
  /** The override words, in order. */
  readonly words: readonly string[];
  readonly isSet: (flag: FlagName) => boolean;
  readonly cfg: ConfigKind | undefined;
  readonly info: InfoKind | undefined;
  readonly package: string | undefined;
  readonly configPath: string | undefined;
  readonly configName: string | undefined;
  readonly configDir: string | undefined;
  readonly explain: string | undefined;
  readonly query: string | undefined;
  /** The folder of a run to go on with. */
  readonly resume: string | undefined;
}

interface Found {
  readonly name: FlagName;
  readonly flag: Flag;
  /** The text after `=`, or after a short flag's letter. */
  readonly attached: string | undefined;
}

/**
 * Sorts words into flags and overrides. A word that starts with `-` is a flag, up to `--`; flags and overrides may
 * be mixed; a repeated flag takes the later value. `--key value` is the override `key=value` where no flag has that name.
 *
 * @throws {AppError} APP_UNKNOWN_FLAG, APP_FLAG_VALUE, APP_FLAG_CONFLICT
 */
export function parseWords(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const values = new Map<FlagName, string>();
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? "";
    if (word === "--") {
      words.push(...argv.slice(at + 1));
      break;
    }
    if (!isFlag(word)) {
      words.push(word);
      continue;
    }
    const found = findFlag(word) ?? keyFlag(word, argv[at + 1]) ?? unknownFlag(word);
    if ("word" in found) {
      words.push(found.word);
      at += found.consumed;
      continue;
    }
    const { value, consumed } = flagValue(found, argv[at + 1], word);
    values.set(found.name, value);
    at += consumed;
  }
  checkConflicts(values);
  return {
    words,
    isSet: (flag) => values.has(flag),
    cfg: values.get("cfg") as ConfigKind | undefined,
    info: values.get("info") as InfoKind | undefined,
    package: values.get("package"),
    configPath: values.get("configPath"),
    configName: values.get("configName"),
    configDir: values.get("configDir"),
    explain: values.get("explain"),
    query: values.get("query"),
    resume: values.get("resume"),
  };
}

/** Whether a word is a flag rather than an override. A lone `-` is an override (and will not parse). */
export function isFlag(word: string): boolean {
  return word.startsWith("-") && word.length > 1;
}

function findFlag(word: string): Found | undefined {
  const equals = word.indexOf("=");
  const typed = equals === -1 ? word : word.slice(0, equals);
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  const exact = entries().find(([, flag]) => spellings(flag).includes(typed));
  if (exact !== undefined) return { name: exact[0], flag: exact[1], attached };
  if (!typed.startsWith("--")) return shortWithValue(word);
  const full = abbreviated(typed, word);
  return full && { ...full, attached };
}

function abbreviated(typed: string, word: string): { name: FlagName; flag: Flag } | undefined {
  const matches = entries().filter(([, flag]) => flag.abbreviable && `--${flag.long}`.startsWith(typed));
  const [first, second] = matches;
  if (first === undefined) return undefined;
  if (second === undefined) return { name: first[0], flag: first[1] };
  throw new AppError("APP_UNKNOWN_FLAG", `'${typed}' could be several flags`, {
    where: word,
    fix: `write it out: ${matches.map(([, flag]) => `--${flag.long}`).join(" or ")}`,
  });
}

/** `-cjob`: a short flag with its value in one word. */
function shortWithValue(word: string): Found | undefined {
  const match = entries().find(
    ([, flag]) => flag.value !== "none" && flag.short !== undefined && word.startsWith(`-${flag.short}`),
  );
  if (match === undefined) return undefined;
  const [name, flag] = match;
  return { name, flag, attached: word.slice(1 + (flag.short ?? "").length) };
}

function unknownFlag(word: string): never {
  const typed = word.replace(/=[\s\S]*$/, "");
  const names = entries().flatMap(([, flag]) => spellings(flag));
  const begun = typed.length > 2 ? names.filter((name) => name.startsWith(typed)) : [];
  // A slip seldom hits the first letter; other words are keys more often than flags.
  const slips = closestNames(typed, names, 1).filter((name) => name.charAt(2) === typed.charAt(2));
  const near = begun.length > 0 ? begun : slips;
  throw new AppError("APP_UNKNOWN_FLAG", `no flag '${typed}'`, {
    where: word,
    fix: near.length > 0 ? `did you mean ${near.join(" or ")}?` : flagFix(typed),
  });
}

function flagFix(typed: string): string {
  const key = /^--([\p{ID_Start}_$].*)$/u.exec(typed)?.[1];
  return `${key === undefined ? "" : `to set a key: ${key}=VALUE; `}--hydra-help lists the flags`;
}

function flagValue(
  found: Found,
  next: string | undefined,
  word: string,
): { value: string; consumed: number } {
  const { flag, attached } = found;
  if (flag.value === "none") {
    if (attached === undefined) return { value: "", consumed: 0 };
    throw new AppError("APP_FLAG_VALUE", `--${flag.long} takes no value`, {
      where: word,
      fix: `--${flag.long}`,
    });
  }
  if (attached !== undefined) return { value: checkChoice(flag, attached, word), consumed: 0 };
  if (next !== undefined && !isFlag(next)) return { value: checkChoice(flag, next, word), consumed: 1 };
  if (flag.value === "optional") return { value: flag.choices?.[0] ?? "", consumed: 0 };
  throw new AppError("APP_FLAG_VALUE", `--${flag.long} needs a value`, { where: word, fix: usage(flag) });
}

function checkChoice(flag: Flag, value: string, word: string): string {
  if (flag.choices === undefined || flag.choices.includes(value)) return value;
  throw new AppError("APP_FLAG_VALUE", `--${flag.long} cannot be '${value}'`, {
    where: `${word} ${value}`,
    fix:
      flag.value === "optional"
        ? `${usage(flag)}; put --${flag.long} last to leave its value out`
        : usage(flag),
  });
}

function usage(flag: Flag): string {
  return `--${flag.long} ${flag.choices?.join("|") ?? flag.placeholder ?? ""}`;
}

/** What `--resolve` goes with. */
const resolvable: readonly FlagName[] = ["cfg", "help", "query"];

/** Of each group one. Hydra refuses those of the first; the second all print something instead of running. */
const exclusive: readonly (readonly FlagName[])[] = [
  ["run", "multirun", "cfg", "info", "shellCompletion"],
  ["cfg", "info", "explain", "query"],
];

function checkConflicts(values: ReadonlyMap<FlagName, string>): void {
  const modes = exclusive
    .map((group) => group.filter((name) => values.has(name)))
    .find((found) => found.length > 1);
  if (modes !== undefined) {
    const names = modes.map((name) => `--${flags[name].long}`).join(" and ");
    throw new AppError("APP_FLAG_CONFLICT", `${names} exclude each other`, {
      where: names,
      fix: "keep one of them",
    });
  }
  if (values.has("resolve") && !resolvable.some((name) => values.has(name))) {
    throw new AppError("APP_FLAG_CONFLICT", "--resolve goes with --cfg, --query or --help", {
      where: "--resolve",
      fix: "--cfg job --resolve",
    });
  }
  if (values.has("package") && !values.has("cfg")) {
    throw new AppError("APP_FLAG_CONFLICT", "--package goes with --cfg", {
      where: `--package ${values.get("package")}`,
      fix: `--cfg job --package ${values.get("package")}`,
    });
  }
}

function entries(): [FlagName, Flag][] {
  return Object.entries(flags) as [FlagName, Flag][];
}

function spellings(flag: Flag): string[] {
  return [`--${flag.long}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
}
