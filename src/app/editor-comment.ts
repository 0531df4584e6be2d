/** The line that tells editors with the YAML language server which schema a file has. */
const MARK = "# yaml-language-server: $schema=";

/**
 * A config file's text with the line for its schema: after the `# @package` lines, which must come first. A line that is
 * there already is changed in its place.
 *
 * @param path  of the schema, relative to the file, with `/`
 */
export function withEditorComment(text: string, path: string): string {
  const line = `${MARK}${path}`;
  const present = /^#[ \t]*yaml-language-server[ \t]*:[^\r\n]*/m.exec(text);
  if (present !== null)
    return text.slice(0, present.index) + line + text.slice(present.index + present[0].length);
  const end = headerEnd(text);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const before = text.slice(0, end);
  const isBroken = before !== "" && before !== "\uFEFF" && !before.endsWith("\n");
  return `${before}${isBroken ? newline : ""}${line}${newline}${text.slice(end)}`;
}

/** Where the leading `# @key value` lines (and blank ones before the last of them) end. */
function headerEnd(text: string): number {
  const start = text.startsWith("\uFEFF") ? 1 : 0;
  const header =
    /^(?:[ \t]*\r?\n)*(?:[ \t]*#[ \t]*@[^\r\n]*(?:\r?\n|$)(?:[ \t]*\r?\n(?=(?:[ \t]*\r?\n)*[ \t]*#[ \t]*@))*)+/;
  const match = header.exec(text.slice(start));
  return start + (match?.[0].length ?? 0);
}
