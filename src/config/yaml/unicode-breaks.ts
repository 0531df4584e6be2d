import { yamlLibrary } from "./yaml-library.ts";

/** YAML 1.1 breaks lines at these too; YAML 1.2, and so the parser, takes them for letters. */
const unicodeBreak = /[\u0085\u2028\u2029]/;
/** An escaped character, or line breaks with the blanks around them. */
const breaksOrEscape =
  /\\[\s\S]|[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029])(?:[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029]))*[ \t]*/g;
const breaks = /[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029])(?:[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029]))*[ \t]*/g;

/**
 * A quoted text as YAML 1.1 reads it where it holds a Unicode line break; undefined where it holds none, and the parser
 * has read it right.
 *
 * @param raw  as it stands in the file, quotes included
 * @see PyYAML `scan_flow_scalar_spaces`
 */
export function withUnicodeBreaks(raw: string): string | undefined {
  if (!unicodeBreak.test(raw)) return undefined;
  if (raw.startsWith("'")) return raw.slice(1, -1).replace(breaks, folded).replaceAll("''", "'");
  return yamlLibrary().parse(
    raw.replace(breaksOrEscape, (found) => (found.startsWith("\\") ? found : escaped(folded(found)))),
  );
}

/** One `\n` is a blank; of more the first is dropped. A separator U+2028 or U+2029 always stays. */
function folded(run: string): string {
  const found = run.match(/\r\n|[\n\r\u0085\u2028\u2029]/g) ?? [];
  const [first = "\n", ...rest] = found.map((one) => (/[\u2028\u2029]/.test(one) ? one : "\n"));
  const kept = first === "\n" ? (rest.length === 0 ? " " : "") : first;
  return kept + rest.join("");
}

function escaped(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\u2028", "\\L").replaceAll("\u2029", "\\P");
}
