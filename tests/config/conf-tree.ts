import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ComposeOptions, Composition } from "../../src/config/index.ts";
import { compose } from "../../src/config/index.ts";
import { formatError, TtmError, TtmErrors } from "../../src/core/index.ts";

export type Files = Readonly<Record<string, string>>;

/** Writes files to a new folder for the time of a call. */
export function inConfTree<T>(files: Files, work: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), "ttm-config-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Composes `config` from files and words. */
export function composeFiles(
  files: Files,
  overrides: readonly string[] = [],
  options: Partial<ComposeOptions> = {},
): Composition {
  return inConfTree(files, (dir) =>
    compose({ configDir: dir, configName: "config", overrides, env: {}, ...options }),
  );
}

/** Every fault that a call throws, in their printed form, the tree's folder shown as `conf`. */
export function faultsOf(
  files: Files,
  overrides: readonly string[] = [],
  options: Partial<ComposeOptions> = {},
): string[] {
  return inConfTree(files, (dir) => {
    try {
      compose({ configDir: dir, configName: "config", overrides, env: {}, ...options });
    } catch (error) {
      return errorsIn(error).map((fault) => formatError(fault).replaceAll(dir, "conf"));
    }
    return [];
  });
}

export function errorsIn(error: unknown): TtmError[] {
  if (error instanceof TtmErrors) return error.errors;
  if (error instanceof TtmError) return [error];
  throw error;
}
