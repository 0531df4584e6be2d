import type { CommandClass } from "clipanion";
import { commandNames, printFault, processHost } from "../app/index.ts";
import { didYouMean } from "../core/index.ts";
import { ttmApp } from "./app.ts";
import { CliError } from "./errors.ts";
import { version } from "./version.ts";

/** What is not every app's, by its first word; each is loaded when it is called. */
const commands: Readonly<Record<string, () => Promise<CommandClass>>> = {
  evaluate: async () => (await import("./evaluate-command.ts")).EvaluateCommand,
  sync: async () => (await import("./sync-command.ts")).SyncCommand,
};

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
  if (argv.some((word) => word === "--config" || word.startsWith("--config=")))
    return runCommand(await plainCommand(), argv);
  if (first === undefined || !/^[a-z][a-z-]*$/.test(first) || commandNames.includes(first))
    return ttmApp().main(argv);
  const command = commands[first];
  if (command) return runCommand(await command(), argv);
  printFault(unknownCommand(first), processHost());
  return USAGE_EXIT_CODE;
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
  const names = [...Object.keys(commands), ...commandNames];
  return new CliError("CLI_UNKNOWN_COMMAND", `no command '${word}'`, {
    where: `ttm ${word}`,
    fix: [didYouMean(word, names), `commands: ${names.join(", ")}; an override has a '=': ${word}=VALUE`]
      .filter(Boolean)
      .join("\n"),
  });
}
