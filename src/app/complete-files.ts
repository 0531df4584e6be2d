import { readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/**
 * Files for a value that looks like a path (`/…`, `./…`, `../…`, `.`): `key=./co` gives `key=./conf`. Hidden files only
 * where a dot was typed for them. undefined where the word is no such value.
 */
export function completeFiles(word: string, cwd: string): readonly string[] | undefined {
  const equals = word.indexOf("=");
  const typed = word.slice(equals + 1);
  if (equals === -1 || !/^(?:\/|\.$|\.\.?\/)/.test(typed)) return undefined;
  const prefix = word.slice(0, equals + 1);
  const path = typed === "." ? "./" : typed;
  const folder = path.endsWith("/") ? path : `${dirname(path)}/`;
  const start = path.endsWith("/") ? "" : basename(path);
  return namesIn(resolve(cwd, folder))
    .filter((name) => name.startsWith(start) && (start !== "" || !name.startsWith(".")))
    .map((name) => `${prefix}${folder.replace(/^\/\/$/, "/")}${name}`)
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
