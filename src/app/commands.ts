import type { Command } from "./run-command.ts";

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

/** The commands that every app has; each is loaded when it is called. */
const appCommands: Readonly<Record<string, () => Promise<AppCommand>>> = {
  rerun: async () => (await import("./rerun-command.ts")).rerunCommand,
  diff: async () => (await import("./diff-command.ts")).diffCommand,
  sweep: async () => (await import("./sweep-command.ts")).sweepCommand,
  schema: async () => (await import("./schema-command.ts")).schemaCommand,
};

export const commandNames: readonly string[] = Object.keys(appCommands);

/** No override is a bare word, so a command's name never hides one. */
export async function commandNamed(word: string | undefined): Promise<AppCommand | undefined> {
  return word !== undefined && Object.hasOwn(appCommands, word) ? appCommands[word]?.() : undefined;
}
