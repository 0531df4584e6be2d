import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The folder of shared oracles: `TTM_SHARED`, or `../shared` beside the project. */
function sharedFolder(): string {
  return process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared");
}

/** A file or folder below the shared folder, or below the one that a case lies in. */
export function findShared(path: string, caseFolder: string): string | undefined {
  return [sharedFolder(), resolve(caseFolder, "../..")]
    .map((root) => join(root, path))
    .find((candidate) => existsSync(candidate));
}
