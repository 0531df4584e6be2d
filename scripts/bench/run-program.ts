import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface ProgramResult {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a program to its end and collects what it prints. */
export async function runProgram(
  command: string,
  words: readonly string[],
  { env = {}, cwd }: ProgramOptions = {},
): Promise<ProgramResult> {
  const child = spawn(command, words, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { exitCode, output, errors };
}

/** The last lines of what a program said, for an error. */
export function lastLines({ errors, output }: ProgramResult, count = 6): string {
  return (errors.trim() || output.trim()).split("\n").slice(-count).join("\n");
}
