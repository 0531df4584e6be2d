import { yamlLibrary } from "./yaml-library.ts";

/** YAML 1.1 breaks lines at these too; YAML 1.2, and so the parser, takes them for letters. */
const unicodeBreak = /[\u0085\u2028\u2029]/;
/** Lines that are blank behind an escaped line break: they are not folded, and YAML 1.2 readers drop one. */
const blankBehindEscape = /\\\r?\n[ \t]*\r?\n/;
/** An escaped line break with the breaks behind it, an escaped character, or line breaks with the blanks around them. */
const breaksOrEscape =
  /\\(?:\r\n|[\n\r\u0085\u2028\u2029])((?:[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029]))+[ \t]*)?|\\[\s\S]|[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029])(?:[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029]))*[ \t]*/g;
const breaks = /[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029])(?:[ \t]*(?:\r\n|[\n\r\u0085\u2028\u2029]))*[ \t]*/g;

const oneBreak = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/**
 * A quoted text as YAML 1.1 reads it where its line breaks are such that YAML 1.2 reads them otherwise; undefined where the parser has
 * read it right.
 *
 * @param raw  as it stands in the file, quotes included
 * @see PyYAML `scan_flow_scalar_spaces`
 */
export function withUnicodeBreaks(raw: string): string | undefined {
  if (!unicodeBreak.test(raw) && !(raw.startsWith('"') && blankBehindEscape.test(raw))) return undefined;
  if (raw.startsWith("'")) return raw.slice(1, -1).replace(breaks, folded).replaceAll("''", "'");
  return yamlLibrary().parse(
    raw.replace(breaksOrEscape, (found: string, kept: string | undefined) => {
      if (!found.startsWith("\\")) return escaped(folded(found));
      return kept ? `\\\n${escaped((kept.match(oneBreak) ?? []).map(normal).join(""))}` : found;
    }),
  );
}

/** One `\n` is a blank; of more the first is dropped. A separator U+2028 or U+2029 always stays. */
function folded(run: string): string {
  const [first = "\n", ...rest] = (run.match(oneBreak) ?? []).map(normal);
  const kept = first === "\n" ? (rest.length === 0 ? " " : "") : first;
  return kept + rest.join("");
}

function normal(one: string): string {
  return /[\u2028\u2029]/.test(one) ? one : "\n";
}

function escaped(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\u2028", "\\L").replaceAll("\u2029", "\\P");
}
