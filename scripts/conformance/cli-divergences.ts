import { completeGroups } from "../../src/app/complete-groups.ts";
import { isFlag, parseWords } from "../../src/app/parse-words.ts";
import type { Composition } from "../../src/config/index.ts";
import { isContainer, nodeValue, pythonStr } from "../../src/config/index.ts";
import { beyondHydra } from "./beyond-hydra.ts";
import type { CliAnswer, CliCase } from "./cli.ts";
import { plainWords, quotedSigns } from "./edit-words.ts";
import type { DivergenceRule } from "./replay.ts";
import { smallApp } from "./small-app.ts";

/** Command lines that we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug. */
export function cliDivergences(
  dir: string,
  /** Our answer to the line in Hydra's words; undefined where it is in Hydra's words already. */
  plain: CliAnswer | undefined,
): readonly DivergenceRule<CliCase, CliAnswer>[] {
  return [
    {
      ...beyondHydra.unquotedText,
      applies: ({ argv = [] }) => plain !== undefined && argv.some((word) => quotedSigns(word) !== word),
      promised: ({ expect }) => plain ?? expect,
    },
    {
      ...beyondHydra.keyFlag,
      applies: ({ argv = [] }) => plain !== undefined && plainWords(argv)?.join("\n") !== argv.join("\n"),
      promised: ({ expect }) => plain ?? expect,
    },
    {
      name: "package-without-cfg",
      reason: "Hydra ignores --package without --cfg and runs the app; we say that it goes with --cfg",
      applies: ({ argv = [] }) => hasFlag(argv, "package", "p") && !hasFlag(argv, "cfg", "c"),
      promised: () => ({ exit: 2, stdout: "", files: {}, hydra: {} }),
    },
    {
      name: "package-of-nothing",
      reason: "Hydra says 'not found' of a key that is there and null or ???; we print its value",
      applies: (item) => item.expect.exit === 1 && nothingAt(item, dir) !== undefined,
      promised: (item) => ({ ...item.expect, exit: 0, stdout: `${nothingAt(item, dir)}\n` }),
    },
    {
      name: "own-hydra-node",
      reason:
        "launchers and sweepers are registered names, our defaults are files of ours, and an app without stored configs has no source for them",
      applies: ({ argv = [], expect }) => hasFlag(argv, "cfg", "c") && /^hydra:$/m.test(expect.stdout ?? ""),
      promised: ({ expect }) => ({ ...expect, stdout: ownHydraNode(expect.stdout ?? "") }),
    },
    {
      name: "output-dir-known",
      reason:
        "Hydra prints null for ${hydra:runtime.output_dir} with --resolve; we print the folder that a run would get",
      applies: (item) => hasFlag(item.argv ?? [], "resolve", "") && outputDirKeys(item).length > 0,
      promised: (item) => ({
        ...item.expect,
        stdout: withOutputDir(item.expect.stdout ?? "", outputDirKeys(item)),
      }),
    },
    {
      name: "words-as-typed",
      reason:
        "in a job's words Hydra shows ~key as ~key=null and interpolations with backslashes; we show both as typed",
      applies: ({ argv = [] }) => argv.some(isBareDeletion),
      promised: ({ argv = [], expect }) => plainDeletions(expect, argv.filter(isBareDeletion)),
    },
    {
      name: "mixed-words",
      reason: "Hydra 1.3 wants the overrides in one block; we take flags anywhere",
      applies: ({ argv = [], expect }) => expect.exit === 2 && blocks(argv) > 1,
      promised: ({ expect }) => ({ ...expect, exit: 0 }),
    },
    {
      name: "completion-of-commands-and-flags",
      reason: "our apps have commands, and we complete them and the flags beside what configs offer",
      applies: ({ line, expect }) =>
        line !== undefined && expect.exit === 0 && /^\S+ (?:-\S*|[a-z]+)$/.test(line),
      promised: ({ line, expect }) => {
        const word = lastWord(line);
        if (word.startsWith("-"))
          return { ...expect, candidates: flagNames.filter((name) => name.startsWith(word)) };
        const begun = ["diff", "rerun", "schema", "sweep"].filter((name) => name.startsWith(word));
        return { ...expect, candidates: [...begun, ...(expect.candidates ?? [])].sort() };
      },
    },
    {
      name: "completion-crash",
      reason:
        "Hydra's completion crashes on a value with ${hydra:…} and behind a word that does not parse; we offer the value resolved, the groups",
      applies: ({ line, expect }) => line !== undefined && expect.exit !== 0,
      promised: completionAnswer(dir),
    },
    {
      name: "groups-below-the-sweeper",
      reason:
        "our sweepers have samplers and pruners below them, as Hydra's have with its Optuna plug-in: a group with options and groups is offered bare",
      applies: ({ line, expect }) =>
        line !== undefined && (expect.candidates ?? []).includes(`${sweeperGroup}=`),
      promised: ({ expect }) => ({
        ...expect,
        candidates: (expect.candidates ?? []).filter((name) => name !== `${sweeperGroup}=`),
      }),
    },
  ];
}

const sweeperGroup = "hydra/sweeper";

/** The long flags, sorted, as the help lists them. */
const flagNames = [
  "--cfg",
  "--config-dir",
  "--config-name",
  "--config-path",
  "--detach",
  "--dry-run",
  "--explain",
  "--help",
  "--hydra-help",
  "--info",
  "--json",
  "--multirun",
  "--package",
  "--query",
  "--resolve",
  "--resume",
  "--retry-failed",
  "--run",
  "--shell-completion",
  "--version",
];

/** The value behind `key=` resolved, else the groups and options that go on with the last word. */
function completionAnswer(dir: string): (item: CliCase) => CliAnswer {
  return (item) => {
    const word = lastWord(item.line);
    const composition = compose(item, dir, []);
    if (!word.endsWith("=")) return { exit: 0, candidates: completeGroups(composition, word).candidates };
    const value = composition.read(word.slice(0, -1), true);
    return { exit: 0, candidates: value === undefined ? [] : [`${word}${pythonStr(nodeValue(value))}`] };
  };
}

function hasFlag(argv: readonly string[], long: string, short: string): boolean {
  return argv.some((word) => word === `-${short}` || word === `--${long}` || word.startsWith(`--${long}=`));
}

function compose(item: CliCase, dir: string, argv: readonly string[]): Composition {
  return smallApp(dir, item).compose(argv, { cwd: dir, env: { ...item.env } });
}

/** `null` or `???` where `--package` names a key with such a value. */
function nothingAt(item: CliCase, dir: string): string | undefined {
  const { argv = [] } = item;
  if (!hasFlag(argv, "package", "p") || !hasFlag(argv, "cfg", "c")) return undefined;
  const path = parseWords(argv).package ?? "";
  const node = compose(item, dir, argv).read(path, true);
  if (node === undefined || isContainer(node)) return undefined;
  if (node.value === null) return "null";
  return node.value === "???" ? "???" : undefined;
}

/** Hydra's own names in its node, as ours. */
function ownHydraNode(yaml: string): string {
  return yaml
    .replace("hydra._internal.core_plugins.basic_launcher.BasicLauncher", "basic")
    .replace("hydra._internal.core_plugins.basic_sweeper.BasicSweeper", "basic")
    .replace("    params: null\n", "    params: {}\n")
    .replace("    loggers:\n      logging_example:\n        level: DEBUG\n", "")
    .replace("version: <VERSION>", "version: '1.3'")
    .replace("- path: hydra.conf\n      schema: pkg", "- path: <HYDRA>\n      schema: file")
    .replace("    - path: ''\n      schema: structured\n      provider: schema\n", "");
}

/** Keys that are just `${hydra:runtime.output_dir}` in some file. */
function outputDirKeys({ files = {} }: CliCase): string[] {
  const pattern = /^\s*([\w.-]+): *['"]?\$\{hydra:runtime\.output_dir\}['"]?\s*$/gm;
  return Object.values(files).flatMap((text) => [...text.matchAll(pattern)].map(([, key = ""]) => key));
}

function withOutputDir(stdout: string, keys: readonly string[]): string {
  const folder = "<DIR>/outputs/<DATE>/<TIME>";
  return stdout.replace(/^( *)([\w.-]+): null$/gm, (line, indent: string, key: string) =>
    keys.includes(key) ? `${indent}${key}: ${folder}` : line,
  );
}

function isBareDeletion(word: string): boolean {
  return /^~[^=]+$/.test(word);
}

function plainDeletions(expect: CliAnswer, words: readonly string[]): CliAnswer {
  const text = JSON.stringify(expect);
  return JSON.parse(words.reduce((shown, word) => shown.replaceAll(`${word}=null`, word), text)) as CliAnswer;
}

/** How many stretches of overrides there are between flags, as far as words alone tell. */
function blocks(argv: readonly string[]): number {
  const shape = argv.map((word) =>
    isFlag(word) ? "-" : word.includes("=") || word.startsWith("~") ? "o" : "v",
  );
  return shape
    .join("")
    .split(/[-v]+/)
    .filter((stretch) => stretch !== "").length;
}

function lastWord(line = ""): string {
  return line.split(/\s+/).at(-1) ?? "";
}
