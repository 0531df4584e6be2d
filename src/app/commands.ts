import { diffCommand } from "./diff-command.ts";
import { rerunCommand } from "./rerun-command.ts";
import type { Command } from "./run-command.ts";
import { schemaCommand } from "./schema-command.ts";

/** What a command has of its app. */
export type CommandApp = Omit<Command, "line" | "saved">;

/** A bare word in front of a command line, such as `diff`: something else than composing and running. */
export interface AppCommand {
  /** The words after the app's name. */
  readonly usage: string;
  readonly help: string;
  /** @returns the exit code */
  run(app: CommandApp, words: readonly string[]): Promise<number>;
}

/** The commands that every app has. */
export const appCommands: Readonly<Record<string, AppCommand>> = {
  rerun: rerunCommand,
  diff: diffCommand,
  schema: schemaCommand,
};

export const commandNames: readonly string[] = Object.keys(appCommands);

/** No override is a bare word, so a command's name never hides one. */
export function commandNamed(word: string | undefined): AppCommand | undefined {
  return word !== undefined && Object.hasOwn(appCommands, word) ? appCommands[word] : undefined;
}
