import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A corpus case's files: its own, or a shared tree by name. */
export interface CaseFiles {
  readonly files?: Readonly<Record<string, string>>;
  readonly tree?: string;
}

export type Trees = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Writes a case's files to a new temporary folder, calls `work` with it, and removes it. */
export async function inCaseFolder<T>(
  item: CaseFiles,
  trees: Trees,
  work: (dir: string) => Promise<T> | T,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), "ttm-conformance-"));
  try {
    const files = item.files ?? trees[item.tree ?? ""] ?? {};
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
