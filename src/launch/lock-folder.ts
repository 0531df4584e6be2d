import { join } from "node:path";
import type { LockHolder } from "../core/index.ts";
import { isFileLock, lockHolder, takeLock } from "../core/index.ts";
import { folderError, makeFolder } from "./claim-folder.ts";
import { LaunchError } from "./errors.ts";

const lockName = ".run.lock";

/**
 * Takes a folder that the user named: made if need be, used again if it is there, but never by two live runs at once.
 * A lock whose holder is dead is taken over.
 *
 * @returns what gives the folder back
 * @throws {LaunchError} LAUNCH_FOLDER_IN_USE, LAUNCH_FOLDER
 */
export function lockFolder(path: string): () => void {
  makeFolder(path);
  const answer = tryLock(join(path, lockName));
  if (isFileLock(answer)) return () => answer.release();
  throw inUse(path, answer);
}

/** The live run that writes to a folder; undefined where there is none. */
export function folderHolder(path: string): LockHolder | undefined {
  return lockHolder(join(path, lockName));
}

function tryLock(file: string): ReturnType<typeof takeLock> {
  try {
    return takeLock(file);
  } catch (cause) {
    throw folderError(file, cause);
  }
}

function inUse(path: string, { pid, host, since }: LockHolder): LaunchError {
  return new LaunchError(
    "LAUNCH_FOLDER_IN_USE",
    `another run writes to this folder (process ${pid} on ${host}, since ${since})`,
    {
      where: path,
      fix: `wait for it, choose another folder, or delete ${join(path, lockName)} if that run is gone`,
    },
  );
}
