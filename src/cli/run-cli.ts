import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CommandClass } from "clipanion";
import { commandNames, printFault, processHost } from "../app/index.ts";
import { didYouMean } from "../core/index.ts";
import { ttmApp } from "./app.ts";
import { CliError } from "./errors.ts";
import { version } from "./version.ts";

/** What is not every app's, by its first word; each is loaded when it is called. */
const commands: Readonly<Record<string, (second?: string) => Promise<CommandClass>>> = {
  adapter: async (second) =>
    second === "merge"
      ? (await import("./adapter-merge-command.ts")).AdapterMergeCommand
      : (await import("./adapter-info-command.ts")).AdapterInfoCommand,
  evaluate: async () => (await import("./evaluate-command.ts")).EvaluateCommand,
  export: async () => (await import("./export-command.ts")).ExportCommand,
  "find-lr": async () => (await import("./find-lr-command.ts")).FindLrCommand,
  models: async (second) => (await import("./runs-command.ts")).modelsCommand(second),
  runs: async (second) => (await import("./runs-command.ts")).runsCommand(second),
  sync: async () => (await import("./sync-command.ts")).SyncCommand,
};

/** Commands that are a recipe of the app: a word in front of the others. */
const recipes: Readonly<Record<string, string>> = { pretrain: "+experiment=pretrain" };

const plainCommand = async () => (await import("./plain-command.ts")).PlainCommand;

/** Exit code of a command line that no command takes. */
const USAGE_EXIT_CODE = 2;

/**
 * Runs a command line of `ttm` to its end. A bare word in front is a command, of ours or of every app (`rerun`, `diff`, `schema`); `--config FILE` trains from one plain file;
 * anything else is the app: flags and override words.
 *
 * @returns the exit code: 0 done, 1 a fault, 2 a wrong command line, 130 interrupted
 */
export async function runCli(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (argv.some((word) => word === "--config" || word.startsWith("--config=")) || resumesPlainRun(argv))
    return runCommand(await plainCommand(), argv);
  if (first === undefined || !/^[a-z][a-z-]*$/.test(first) || commandNames.includes(first))
    return ttmApp().main(argv);
  const recipe = recipes[first];
  if (recipe !== undefined) return ttmApp().main([...(resumes(argv) ? [] : [recipe]), ...argv.slice(1)]);
  const command = commands[first];
  if (command) return runLoaded(command, argv);
  printFault(unknownCommand(first), processHost());
  return USAGE_EXIT_CODE;
}

/** A run that goes on has its recipe in its own config. */
function resumes(argv: readonly string[]): boolean {
  return argv.some((word) => word === "--resume" || word.startsWith("--resume="));
}

async function runLoaded(
  load: (second?: string) => Promise<CommandClass>,
  argv: readonly string[],
): Promise<number> {
  let command: CommandClass;
  try {
    command = await load(argv[1]);
  } catch (error) {
    printFault(error, processHost());
    return USAGE_EXIT_CODE;
  }
  return runCommand(command, argv);
}

/** Whether the words go on with a run that was started from one plain file: it has a config, but none that was composed. */
function resumesPlainRun(argv: readonly string[]): boolean {
  const at = argv.findIndex((word) => word === "--resume" || word.startsWith("--resume="));
  const word = argv[at] ?? "";
  const folder = word.includes("=") ? word.slice(word.indexOf("=") + 1) : argv[at + 1];
  if (at < 0 || folder === undefined) return false;
  return existsSync(join(folder, "config.json")) && !existsSync(join(folder, ".hydra"));
}

/** Clipanion takes the words apart; what a command throws is printed as every other fault of ours. */
async function runCommand(command: CommandClass, argv: readonly string[]): Promise<number> {
  const { Cli, UsageError } = await import("clipanion");
  const cli = new Cli({ binaryLabel: "ttm", binaryName: "ttm", binaryVersion: version, enableColors: false });
  cli.register(command);
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(named(cli.usage(command, { detailed: true })));
    return 0;
  }
  try {
    const parsed = cli.process([...argv]);
    parsed.context = Cli.defaultContext;
    return (await parsed.execute()) ?? 0;
  } catch (error) {
    const isUsage =
      error instanceof UsageError || (error instanceof Error && error.name === "UnknownSyntaxError");
    if (!isUsage) return printFault(error, processHost());
    printFault(badUsage(error, argv, named(cli.usage(command))), processHost());
    return USAGE_EXIT_CODE;
  }
}

/** Clipanion calls an option's value `#0`. */
function named(usage: string): string {
  return usage.replaceAll("#0", "VALUE");
}

function badUsage(error: Error, argv: readonly string[], usage: string): CliError {
  const what = error.message.split("\n")[0] ?? "wrong words";
  return new CliError("CLI_USAGE", what.replace(/\.$/, ""), {
    where: `ttm ${argv.join(" ")}`,
    fix: usage.trim().replace(/^\$ /, ""),
    cause: error,
  });
}

function unknownCommand(word: string): CliError {
  const names = [...Object.keys(commands), ...Object.keys(recipes), ...commandNames];
  return new CliError("CLI_UNKNOWN_COMMAND", `no command '${word}'`, {
    where: `ttm ${word}`,
    fix: [didYouMean(word, names), `commands: ${names.join(", ")}; an override has a '=': ${word}=VALUE`]
      .filter(Boolean)
      .join("\n"),
  });
}
