import type { CommandApp } from "./commands.ts";
import { AppError } from "./errors.ts";

/** A word behind `sweep`. */
export interface SweepVerb {
  readonly usage: string;
  /** @param dir  absolute; @returns the exit code */
  run(app: CommandApp, dir: string, words: readonly string[]): Promise<number>;
}

/** The fault for words that a verb does not take. */
export function sweepUsage(app: CommandApp, { usage }: SweepVerb, words: readonly string[]): AppError {
  return new AppError(
    "APP_COMMAND_USAGE",
    "sweep needs the folder of a sweep, and takes no other words than these",
    {
      where: ["sweep", ...words].join(" "),
      fix: `${app.options.name} sweep ${usage}`,
    },
  );
}
