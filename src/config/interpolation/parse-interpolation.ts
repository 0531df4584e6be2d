import type { ErrorWhere } from "../../core/index.ts";
import { configError } from "../errors.ts";
import type { Argument, TextPart } from "./ast.ts";
import { InterpolationFault, InterpolationParser } from "./interpolation-parser.ts";

/** Where the text stands; a function is called where there is a fault to tell. */
type Where = ErrorWhere | string | (() => string);

const parsed = new Map<string, readonly TextPart[]>();
const MOST_KEPT = 10_000;

/**
 * Text with `${…}` as its literal pieces and interpolations. `\${` is a literal `${`; a run of backslashes before `${`
 * is halved.
 *
 * @throws {ConfigError} CONFIG_INTERPOLATION_SYNTAX
 */
export function parseInterpolation(text: string, where?: Where): readonly TextPart[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const parts = parse(text, where);
  if (parsed.size >= MOST_KEPT) parsed.clear();
  parsed.set(text, parts);
  return parts;
}

/** Refuses text whose `${…}` does not parse. */
export function checkInterpolation(text: string, where: Where): void {
  parseInterpolation(text, where);
}

/** Text that is one argument of a resolver, as `oc.decode` reads it. */
export function parseElement(text: string, where: Where): Argument {
  return guarded(text, where, (parser) => parser.single());
}

function parse(text: string, where: Where | undefined): readonly TextPart[] {
  return guarded(text, where, (parser) => parser.text());
}

function guarded<T>(text: string, where: Where | undefined, read: (parser: InterpolationParser) => T): T {
  try {
    return read(new InterpolationParser(text));
  } catch (cause) {
    if (!(cause instanceof InterpolationFault)) throw cause;
    throw configError("CONFIG_INTERPOLATION_SYNTAX", `${cause.message} in '${text}'`, {
      where: caret(text, cause.at, where),
      fix: cause.fix,
      cause,
    });
  }
}

function caret(text: string, at: number, where: Where | undefined): ErrorWhere | undefined {
  if (where === undefined) return undefined;
  const known = typeof where === "function" ? where() : where;
  const place = typeof known === "string" ? known : known.text;
  const line = text.includes("\n") ? undefined : [text, `${" ".repeat(at)}^`];
  return line === undefined ? { text: place } : { text: place, detail: line };
}
