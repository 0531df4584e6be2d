/** What `sweep` can do. */
export const sweepVerbs = ["status", "follow", "cancel", "resume", "export"] as const;

/** The commands that every app has: the words after the app's name, and what they do. */
export const commandList = {
  rerun: {
    usage: "rerun FOLDER [key=value …]",
    help: "run the saved config of a run again, with changes",
  },
  diff: {
    usage: "diff A B [--resolve] [--json]",
    help: "compare two runs, files or override lists ('model=a lr=1'), key by key",
  },
  sweep: {
    usage: `sweep ${sweepVerbs.join("|")} DIR`,
    help: "look at a sweep that was begun, stop it, go on with it",
  },
  schema: {
    usage: "schema [--group GROUP] [--write]",
    help: "print the JSON Schema of the config, or write those of all config files for editors",
  },
} as const;

export const commandNames: readonly string[] = Object.keys(commandList);

/** The lines of the help on commands. */
export function commandsHelp(): string {
  const rows = Object.values(commandList);
  const width = Math.max(...rows.map(({ usage }) => usage.length));
  return rows.map(({ usage, help }) => `  ${usage.padEnd(width)}  ${help}\n`).join("");
}
