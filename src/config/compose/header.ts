import { configError } from "../errors.ts";
import { shortPath } from "../origin.ts";

const HEADER_CHARACTERS = 512;
/** What Python's `splitlines` breaks at. */
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;

/**
 * The leading `# @key value` lines of a config file. Blank lines are skipped; any other line ends the header. Only
 * `package` has a meaning.
 *
 * @throws {ConfigError} CONFIG_HEADER for a line that is not one key and one value
 */
export function parseHeader(text: string, file: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>();
  if (!/^\uFEFF?\s*#\s*@/.test(text)) return header;
  const lines = text
    .slice(0, HEADER_CHARACTERS)
    .replace(/^\uFEFF/, "")
    .split(LINE_BREAK);
  for (const [index, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === "") continue;
    if (!/^#\s*@/.test(trimmed)) break;
    const words = trimmed
      .replace(/^#+/, "")
      .trim()
      .split(" ")
      .filter((word) => word !== "");
    const [key = "", value] = words;
    if (value === undefined || words.length > 2) {
      throw configError("CONFIG_HEADER", `'${trimmed}' is not one key and one value`, {
        where: `${shortPath(file)}:${index + 1}:1`,
        fix: "write '# @package a.b', or '# @package _global_' for the root",
      });
    }
    header.set(key.slice(1), value);
  }
  return header;
}
