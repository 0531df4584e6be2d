import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { LaunchError } from "./errors.ts";

/**
 * Makes a folder that nobody else has: `path`, or `path-1`, `path-2`, … where that name is taken. Two processes that
 * ask at the same moment get different folders, because the last step is one exclusive `mkdir`.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function claimFolder(path: string): string {
  for (let attempt = 0; ; attempt++) {
    const candidate = attempt === 0 ? path : `${path}-${attempt}`;
    if (madeNew(candidate)) return candidate;
  }
}

/**
 * Makes the folder and its parents; one that is there already is fine. Node's own recursive `mkdir` never comes back from
 * a place such as /proc, where a parent is there and yet nothing can be made in it.
 *
 * @throws {LaunchError} LAUNCH_FOLDER
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (cause) {
    if (isFolder(path)) return;
    if (!isCode(cause, "ENOENT") || isFolder(dirname(path))) throw folderError(path, cause);
    makeFolder(dirname(path));
    makeFolder(path);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function madeNew(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (cause) {
    if (isCode(cause, "EEXIST")) return false;
    if (!isCode(cause, "ENOENT") || isFolder(dirname(path))) throw folderError(path, cause);
    makeFolder(dirname(path));
    return madeNew(path);
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

export function folderError(path: string, cause: unknown): LaunchError {
  const fixes: Record<string, string> = {
    EACCES: "choose a folder that you may write to: hydra.run.dir=…, hydra.sweep.dir=…",
    EROFS: "the disk is read-only: hydra.run.dir=…, hydra.sweep.dir=…",
    ENOSPC: "the disk is full",
    ENAMETOOLONG: "choose a shorter name: hydra.run.dir=…, hydra.sweep.subdir=${hydra.job.num}",
    EEXIST: "a file has that name: move it, or choose another folder",
    ENOTDIR: "a part of the path is a file: move it, or choose another folder",
  };
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
  return new LaunchError("LAUNCH_FOLDER", `cannot make the output folder (${code})`, {
    where: path,
    fix: fixes[code],
    cause,
  });
}
