import { closeSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { folderError } from "./claim-folder.ts";

let count = 0;

/**
 * Writes to a temporary name and renames, so that a reader never sees half a file. Every job writes five such files: this is some
 * times as fast as a package that also guards against exits in between, which here leave a `.new` file and no harm.
 */
export function writeText(file: string, text: string): void {
  count += 1;
  const draft = `${file}.${process.pid}-${count}.new`;
  try {
    const descriptor = openSync(draft, "wx");
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true });
    throw folderError(file, cause);
  }
}
