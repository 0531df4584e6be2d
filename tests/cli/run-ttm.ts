import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { vi } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process. */
export async function runHere(words: readonly string[]): Promise<Ended> {
  const text = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      text[name] += String(chunk);
      return true;
    }),
  );
  try {
    const code = await runCli(words);
    return { code, ...text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent as soon as standard error holds `after`; twice at once, as `npx` and the terminal do together. */
  readonly interrupt?: { readonly after: RegExp; readonly signal: NodeJS.Signals };
}

/** Runs a command line in a process of its own. */
export async function runProcess(words: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  const { cwd, env = {}, interrupt } = options;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...words], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  let isInterrupted = false;
  child.stdout.on("data", (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
    if (isInterrupted || !interrupt?.after.test(stderr)) return;
    isInterrupted = true;
    child.kill(interrupt.signal);
    child.kill(interrupt.signal);
  });
  const [code] = await once(child, "close");
  return { code, stdout, stderr };
}
