import { randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { folderError } from "./claim-folder.ts";

export interface WriteOptions {
  /** Whether the text is on the disk, and not on its way there, before the file has its name. */
  readonly sync?: boolean;
}

/**
 * Writes to a temporary name and renames, so that a reader never sees half a file. Every job writes five such files: this is some
 * times as fast as a package that also guards against exits in between, which here leave a `.new` file and no harm.
 */
export function writeText(file: string, text: string, { sync = false }: WriteOptions = {}): void {
  // By chance, because processes of several machines may write the same file on a shared disk.
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    const descriptor = openSync(draft, "wx");
    try {
      writeFileSync(descriptor, text);
      if (sync) fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw folderError(file, cause);
  }
}
