import { didYouMean } from "../core/index.ts";
import type { commandList } from "./command-list.ts";
import { AppError } from "./errors.ts";
import type { Command } from "./run-command.ts";

/** What a command has of its app. */
export type CommandApp = Omit<Command, "line" | "saved">;

/** A bare word in front of a command line, such as `diff`: something else than composing and running. */
export interface AppCommand {
  /** @returns the exit code */
  run(app: CommandApp, words: readonly string[]): Promise<number>;
}

/** The commands that every app has; each is loaded when it is called. */
const appCommands: Readonly<Record<keyof typeof commandList, () => Promise<AppCommand>>> = {
  rerun: async () => (await import("./rerun-command.ts")).rerunCommand,
  diff: async () => (await import("./diff-command.ts")).diffCommand,
  sweep: async () => (await import("./sweep-command.ts")).sweepCommand,
  schema: async () => (await import("./schema-command.ts")).schemaCommand,
};

/** @throws {AppError} APP_UNKNOWN_COMMAND for a bare word that is nearly a command */
export function checkCommandWord(word: string | undefined, names: readonly string[]): void {
  if (word === undefined || !/^[a-z][a-z-]*$/.test(word) || names.includes(word)) return;
  const near = didYouMean(word, names);
  if (near === undefined) return;
  throw new AppError("APP_UNKNOWN_COMMAND", `no command '${word}'`, {
    where: word,
    fix: `${near} To set a key: ${word}=VALUE`,
  });
}

/** No override is a bare word, so a command's name never hides one. */
export async function commandNamed(word: string | undefined): Promise<AppCommand | undefined> {
  return word !== undefined && Object.hasOwn(appCommands, word)
    ? appCommands[word as keyof typeof appCommands]()
    : undefined;
}
