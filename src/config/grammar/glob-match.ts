/**
 * Whether the whole name matches a shell pattern, as Python's `fnmatch` has it on POSIX: `*` (also over `/`
 * and dots), `?`, `[abc]`, `[a-z]`, `[!abc]`; upper and lower case differ; a `[` that is never closed is itself.
 */
export function globMatch(name: string, pattern: string): boolean {
  const characters = [...name];
  const parts = parseGlob(pattern);
  let at = 0;
  let part = 0;
  let star: { part: number; at: number } | undefined;
  while (at < characters.length) {
    const next = parts[part];
    if (next === "any") {
      star = { part: part + 1, at };
      part++;
    } else if (next?.(characters[at] ?? "")) {
      at++;
      part++;
    } else if (star) {
      star.at++;
      ({ part, at } = star);
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === "any");
}

type Part = "any" | ((character: string) => boolean);

function parseGlob(pattern: string): Part[] {
  const characters = [...pattern];
  const parts: Part[] = [];
  let at = 0;
  while (at < characters.length) {
    const character = characters[at] ?? "";
    const end = character === "[" ? setEnd(characters, at + 1) : -1;
    if (end >= 0) {
      parts.push(setPart(characters.slice(at + 1, end)));
      at = end + 1;
    } else {
      parts.push(onePart(character));
      at++;
    }
  }
  return parts;
}

function onePart(character: string): Part {
  if (character === "*") return "any";
  return character === "?" ? () => true : (candidate) => candidate === character;
}

/** The place of the closing bracket, or -1. A bracket right at the start (after `!`) is a member. */
function setEnd(characters: readonly string[], start: number): number {
  let from = start;
  if (characters[from] === "!") from++;
  if (characters[from] === "]") from++;
  return characters.indexOf("]", from);
}

function setPart(content: readonly string[]): Part {
  const negated = content[0] === "!";
  const members = negated ? content.slice(1) : content;
  const ranges: [number, number][] = [];
  for (let at = 0; at < members.length; at++) {
    const low = codeOf(members[at]);
    const isRange = members[at + 1] === "-" && at + 2 < members.length;
    ranges.push([low, isRange ? codeOf(members[at + 2]) : low]);
    if (isRange) at += 2;
  }
  return (candidate) => {
    const code = codeOf(candidate);
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
}

function codeOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}
