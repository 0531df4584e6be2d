import type { CommandClass } from "clipanion";
import { didYouMean } from "../core/index.ts";
import { CliError } from "./errors.ts";

type Load = () => Promise<CommandClass>;

/** The commands behind `ttm runs`; each is loaded when it is called. */
const runs: Readonly<Record<string, Load>> = {
  list: async () => (await import("./runs-list-command.ts")).RunsListCommand,
  show: async () => (await import("./runs-show-command.ts")).RunsShowCommand,
  compare: async () => (await import("./runs-compare-command.ts")).RunsCompareCommand,
  delete: async () => (await import("./runs-delete-command.ts")).RunsDeleteCommand,
  export: async () => (await import("./runs-export-command.ts")).RunsExportCommand,
};

/** Those behind `ttm models`. */
const models: Readonly<Record<string, Load>> = {
  list: async () => (await import("./models-list-command.ts")).ModelsListCommand,
  register: async () => (await import("./models-register-command.ts")).ModelsRegisterCommand,
  alias: async () => (await import("./models-alias-command.ts")).ModelsAliasCommand,
};

/** @throws {CliError} CLI_UNKNOWN_COMMAND */
export function runsCommand(word: string | undefined): Promise<CommandClass> {
  return commandBehind("runs", runs, word);
}

/** @throws {CliError} CLI_UNKNOWN_COMMAND */
export function modelsCommand(word: string | undefined): Promise<CommandClass> {
  return commandBehind("models", models, word);
}

/** The command that the second word names; the list where there is none, or where flags begin. */
async function commandBehind(
  first: string,
  commands: Readonly<Record<string, Load>>,
  word: string | undefined,
): Promise<CommandClass> {
  const load = commands[word === undefined || word.startsWith("-") ? "list" : word];
  if (load !== undefined) return load();
  const names = Object.keys(commands);
  throw new CliError("CLI_UNKNOWN_COMMAND", `'ttm ${first}' has no command '${word}'`, {
    where: `ttm ${first} ${word}`,
    fix: [didYouMean(word ?? "", names), `it has: ${names.join(", ")}`].filter(Boolean).join("\n"),
  });
}
