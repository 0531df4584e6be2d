import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathExists } from "../journal/path-exists.ts";

/** Folders in which no run begins. */
const PASSED_OVER = new Set([
  "node_modules",
  "wandb",
  "artifacts",
  "adapter",
  "model",
  "checkpoint",
  "mlruns",
]);
const DEEPEST = 8;

/** A run's folder and its journal. */
export interface FoundRun {
  readonly runDir: string;
  readonly journalPath: string;
}

/** The runs in a folder and below it, in the order of their paths; a sweep's folder is a run that holds others. */
export async function findRuns(folder: string): Promise<FoundRun[]> {
  const found: FoundRun[] = [];
  await search(folder, found, 0);
  return found;
}

/** The journal of a run's folder: its own, or the one that a remote keeps alone; undefined where there is none. */
export async function journalOf(runDir: string): Promise<string | undefined> {
  const own = join(runDir, "journal.jsonl");
  if (await pathExists(own)) return own;
  const remotes = await readdir(join(runDir, ".ttm")).catch(() => []);
  for (const remote of remotes.sort()) {
    const path = join(runDir, ".ttm", remote, "journal.jsonl");
    if (await pathExists(path)) return path;
  }
  return undefined;
}

async function search(folder: string, found: FoundRun[], depth: number): Promise<void> {
  const journalPath = await journalOf(folder);
  if (journalPath !== undefined) found.push({ runDir: folder, journalPath });
  if (depth === DEEPEST) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !PASSED_OVER.has(entry.name))
    .map(({ name }) => name)
    .sort();
  for (const name of names) await search(join(folder, name), found, depth + 1);
}
