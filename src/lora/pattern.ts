import { LoraError } from "./errors.ts";

/**
 * A regular expression written for Python's `re`, as a JavaScript one: named groups, `\A`, `\Z` and leading inline flags.
 *
 * @throws {LoraError} LORA_BAD_PATTERN
 */
function compile(source: string, wrap: (pattern: string) => string, where: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(source);
  const body = source
    .slice(flags?.[0].length ?? 0)
    .replaceAll("(?P<", "(?<")
    .replaceAll(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replaceAll("\\A", "^")
    .replaceAll("\\Z", "$");
  try {
    return new RegExp(wrap(body), flags?.[1] ?? "");
  } catch (cause) {
    throw new LoraError("LORA_BAD_PATTERN", `'${source}' is not a regular expression`, {
      where,
      fix: "a dot is written \\. and any text .* ; for names give a list instead",
      cause,
    });
  }
}

/** Whether the whole name matches, as `re.fullmatch` does. */
export function fullMatch(source: string, name: string, where: string): boolean {
  return compile(source, (body) => `^(?:${body})$`, where).test(name);
}

/** Whether the pattern matches the whole name or a dotted end of it: how `rank_pattern` and `alpha_pattern` match. */
export function endMatch(source: string, name: string, where: string): boolean {
  return compile(source, (body) => `^(?:.*\\.)?(?:${body})$`, where).test(name);
}

/** Whether the pattern matches consecutive parts of the name, wherever they are: the module or anything below it. */
export function partMatch(source: string, name: string, where: string): boolean {
  return compile(source, (body) => `^(?:^|.*\\.)${body}(?:$|\\..*)`, where).test(name);
}

/** The number after a layer list's name, counted from the front of the name. */
export function layerNumber(source: string, name: string, where: string): number | undefined {
  const found = compile(source, (body) => `^(?:^|.*?\\.)${body}\\.(?<layer>\\d+)\\.`, where).exec(name);
  return found ? Number(found.groups?.["layer"]) : undefined;
}

/** Whether a name is this one, or ends with it after a dot. */
export function hasSuffix(name: string, entry: string): boolean {
  return name === entry || name.endsWith(`.${entry}`);
}
