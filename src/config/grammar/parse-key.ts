import type { OverrideKind, Span } from "./ast.ts";
import { SyntaxFault } from "./faults.ts";

export interface ParsedKey {
  readonly kind: OverrideKind;
  readonly key: string;
  readonly package: string | null;
  readonly keySpan: Span;
}

// Hydra's ids with letters and digits of every script.
const id = "[\\p{ID_Start}_][\\p{ID_Continue}-]*";
const dollarId = "[\\p{ID_Start}_$][\\p{ID_Continue}$-]*";
const uint = "(?:0|[1-9](?:_?[0-9])*)";
const segment = `(?:${dollarId}|${uint})`;
const packagePath = `(?:${segment}(?:\\.${segment})+|${dollarId}|)`;
const name = `(?:${id}(?:/${id})+|${packagePath})`;

const whole = new RegExp(`^(${name})(?:@(${packagePath}))?$`, "u");
/** As much of a key as is right, to find the first character that is not. */
const good = new RegExp(`^${name}(?:@${packagePath})?`, "u");

/** Parts of a key, as deep as a file may nest: far beyond any config, well within the stack of what walks a tree. */
const DEEPEST = 200;

const prefixes: readonly (readonly [string, OverrideKind])[] = [
  ["++", "force"],
  ["+", "add"],
  ["~", "delete"],
  ["", "change"],
];

/**
 * Reads what stands before the first `=`: prefix, name and `@package`.
 *
 * @throws {SyntaxFault} at the first character that cannot stand there
 */
export function parseKey(head: string): ParsedKey {
  for (const [prefix, kind] of prefixes) {
    if (!head.startsWith(prefix)) continue;
    const keySpan = { start: prefix.length, end: head.length };
    const found = whole.exec(head.slice(prefix.length));
    if (found === null) throw illegalKey(head, prefix.length);
    if (found.slice(1).some((path) => (path?.split(/[./]/).length ?? 0) > DEEPEST))
      throw new SyntaxFault(`a key has at most ${DEEPEST} parts`, keySpan, "none");
    return { kind, key: found[1] ?? "", package: found[2] ?? null, keySpan };
  }
  throw illegalKey(head, 0);
}

function illegalKey(head: string, start: number): SyntaxFault {
  const right = good.exec(head.slice(start))?.[0].length ?? 0;
  const at = start + right;
  const character = String.fromCodePoint(head.codePointAt(at) ?? 0);
  const what = `${JSON.stringify(character)} cannot stand here in a key`;
  return new SyntaxFault(what, { start: at, end: at + character.length }, "key");
}
