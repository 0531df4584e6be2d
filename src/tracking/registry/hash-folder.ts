import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { TrackingError } from "../errors.ts";

/**
 * SHA-256 over the names and contents of a folder's files, in the order of their names.
 *
 * @throws {TrackingError} TRACKING_FOLDER where there is no such folder, or nothing in it
 */
export async function hashFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
  if (names.length === 0) {
    throw new TrackingError("TRACKING_FOLDER", "there is no model to register", {
      where: folder,
      fix: "name the folder of a run that has trained something",
    });
  }
  const hash = createHash("sha256");
  for (const name of names) {
    hash.update(`${name}\n`);
    for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk);
  }
  return hash.digest("hex");
}
