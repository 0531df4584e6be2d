import type { ProgramEntry } from "../launch/index.ts";

/** The process around an app. `main` uses the real one; tests and other programs may give their own. */
export interface AppHost {
  /** Absolute; relative folders start here. It is never changed. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  stdout(text: string): void;
  stderr(text: string): void;
  now(): Date;
  /** How this program is started again to run jobs in other processes. */
  readonly entry?: ProgramEntry | undefined;
  /** Standard error where that is a terminal, for what is drawn over; left out elsewhere. */
  readonly terminal?: NodeJS.WriteStream | undefined;
}

/** The process that we run in. */
export function processHost(): AppHost {
  return {
    cwd: process.cwd(),
    env: process.env,
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    now: () => new Date(),
    terminal: process.stderr.isTTY ? process.stderr : undefined,
  };
}

/** The program that runs, as it was started, with its interpreter's own flags; a debugger's port is not opened twice. */
export function processEntry(): ProgramEntry {
  const flags = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
  return { command: process.execPath, args: [...flags, process.argv[1] ?? ""] };
}
