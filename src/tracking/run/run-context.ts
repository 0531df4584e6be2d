import { execFile } from "node:child_process";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { RunContext } from "../journal/journal-record.ts";

const GIT_MILLISECONDS = 2_000;

/** Who runs what: the system's user, the entry script and, where it lies in a git repository, the commit. */
export async function runContext(): Promise<RunContext> {
  const source = process.argv[1] ?? "node";
  const commit = (await gitCommit(dirname(source))) ?? (await gitCommit(process.cwd()));
  return { user: userName(), source, ...(commit === undefined ? {} : { git_commit: commit }) };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? process.env["USERNAME"] ?? "unknown";
  }
}

async function gitCommit(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], {
      cwd: folder,
      timeout: GIT_MILLISECONDS,
    });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
