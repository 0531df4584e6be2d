/**
 * The text of a block scalar as YAML 1.1 readers see it: a line of more blanks than the indentation is content, also at
 * the end, and a file that ends without a line break gives none.
 *
 * @param text    the whole file
 * @param offset  where `|` or `>` stands
 * @param parsed  the parser's own reading, whose first line shows the indentation
 */
export function blockScalar(text: string, offset: number, parsed: string): string {
  const header = /[|>][-+0-9]*/.exec(text.slice(offset))?.[0] ?? "";
  const body = text.slice(offset).replace(/^[^\n\r]*(?:\r\n|\n|\r|$)/, "");
  const lines = body.split(/\r\n|\n|\r/);
  const indent = indentation(lines, parsed);
  if (indent === undefined) return parsed;
  const end = lines.findIndex((line) => !fits(line, indent));
  return chomped(end === -1 ? lines : [...lines.slice(0, end), ""], indent, header);
}

function indentation(lines: readonly string[], parsed: string): number | undefined {
  const source = lines.find((line) => line.trim() !== "");
  const first = parsed.split("\n").find((line) => line.trim() !== "");
  if (source === undefined || first === undefined) return undefined;
  return leadingBlanks(source) - leadingBlanks(first);
}

function leadingBlanks(line: string): number {
  return line.length - line.trimStart().length;
}

/** Content, or a line that is blank within the indentation. */
function fits(line: string, indent: number): boolean {
  return /^ *$/.test(line.slice(0, indent));
}

/** `lines` end with what follows the last line break: nothing, or a last line without one. */
function chomped(lines: readonly string[], indent: number, header: string): string {
  const contents = lines.map((line) => line.slice(indent));
  const last = contents.findLastIndex((line) => line !== "");
  if (last === -1) return header.includes("+") ? "\n".repeat(lines.length - 1) : "";
  const kept = contents.slice(0, last + 1);
  const text = header.startsWith(">") ? folded(kept) : kept.join("\n");
  const breaks = contents.length - 1 - last;
  if (header.includes("-") || breaks === 0) return text;
  return text + (header.includes("+") ? "\n".repeat(breaks) : "\n");
}

/** One break between two ordinary lines is a blank; lines that begin with blanks keep theirs. */
function folded(lines: readonly string[]): string {
  let text = "";
  let before: string | undefined;
  let breaks = 0;
  for (const line of lines) {
    if (line === "" && before !== undefined) {
      breaks++;
      continue;
    }
    if (before !== undefined) {
      const ordinary = !/^[ \t]/.test(before) && !/^[ \t]/.test(line);
      text += ordinary ? (breaks === 0 ? " " : "\n".repeat(breaks)) : "\n".repeat(breaks + 1);
    } else if (line === "") {
      text += "\n";
      continue;
    }
    text += line;
    before = line;
    breaks = 0;
  }
  return text;
}
