import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { BenchError } from "./errors.ts";

const repository = resolve(import.meta.dirname, "../..");

/**
 * A file or folder below the shared folder: `TTM_SHARED`, or `../shared` beside the project.
 *
 * @throws {BenchError} BENCH_NO_SHARED where it is not there
 */
export function sharedFile(path: string): string {
  const root = resolve(process.env["TTM_SHARED"] ?? join(repository, "../shared"));
  const file = join(root, path);
  if (existsSync(file)) return file;
  throw new BenchError("BENCH_NO_SHARED", `this measurement needs ${path}`, {
    where: file,
    fix: "put the shared folder beside the project, or name its place: TTM_SHARED=FOLDER npm run bench -- …",
  });
}
