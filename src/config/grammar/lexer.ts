import type { Span } from "./ast.ts";
import { SyntaxFault } from "./faults.ts";

export type TokenKind =
  | "open"
  | "close"
  | "listOpen"
  | "listClose"
  | "dictOpen"
  | "dictClose"
  | "comma"
  | "colon"
  | "equal"
  | "quoted"
  | "interpolation"
  | "float"
  | "int"
  | "bool"
  | "null"
  | "id"
  | "escape"
  | "char"
  | "space"
  | "end";

export interface Token extends Span {
  readonly kind: TokenKind;
  readonly text: string;
}

const uint = "(?:0|[1-9](?:_?[0-9])*)";
const digits = "[0-9](?:_?[0-9])*";
const point = `(?:${uint}?\\.${digits}|${uint}\\.)`;
const float = `[+-]?(?:(?:${point}|${uint})[eE][+-]?${digits}|${point}|[iI][nN][fF]|[nN][aA][nN])`;

/** Hydra's value mode. The longest match wins; of equally long ones, the first row. */
const rules: readonly (readonly [TokenKind, RegExp])[] = [
  ["open", /[ \t]*\([ \t]*/y],
  ["comma", /[ \t]*,[ \t]*/y],
  ["close", /[ \t]*\)/y],
  ["listOpen", /\[[ \t]*/y],
  ["listClose", /[ \t]*\]/y],
  ["dictOpen", /\{[ \t]*/y],
  ["dictClose", /[ \t]*\}/y],
  ["colon", /[ \t]*:[ \t]*/y],
  ["equal", /[ \t]*=[ \t]*/y],
  ["float", new RegExp(float, "y")],
  ["int", new RegExp(`[+-]?${uint}`, "y")],
  ["bool", /true|false/iy],
  ["null", /null/iy],
  ["char", /[/\\+.$%*@?|-]/y],
  // Beyond Hydra: signs that mean nothing in the grammar, and every printable character that is not ASCII.
  ["char", /(?:[#;&!^<>~`]|[^\p{Cc}\p{Cs}\p{ASCII}])+/uy],
  ["id", /[A-Za-z_][A-Za-z0-9_-]*/y],
  ["escape", /(?:\\[\\()[\]{}:=, \t])+/y],
  ["space", /[ \t]+/y],
  ["quoted", /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y],
  ["interpolation", /\$\{[^}]+\}/y],
];

/**
 * The tokens of `text` from `start` on, with an empty one of kind `end` last.
 *
 * @throws {SyntaxFault} at a character that may not stand unquoted, or a quote that is not closed
 */
export function tokenize(text: string, start: number): Token[] {
  const tokens: Token[] = [];
  // Behind the last brace no interpolation is looked for: a text of many `${` is read in linear time.
  const lastBrace = text.lastIndexOf("}");
  let at = start;
  while (at < text.length) {
    const token = longestToken(text, at, at < lastBrace);
    if (token === undefined) throw illegal(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", start: at, end: at });
  return tokens;
}

function longestToken(text: string, start: number, closes: boolean): Token | undefined {
  let best: Token | undefined;
  for (const [kind, pattern] of rules) {
    if (kind === "interpolation" && !closes) continue;
    pattern.lastIndex = start;
    const found = pattern.exec(text)?.[0];
    if (found === undefined || found.length <= (best?.text.length ?? 0)) continue;
    best = { kind, text: found, start, end: start + found.length };
  }
  return best;
}

function illegal(text: string, at: number): SyntaxFault {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (character === "'" || character === '"') {
    const span = { start: at, end: text.length };
    return new SyntaxFault(`the quote ${character} is not closed`, span, "quote-open");
  }
  const span = { start: at, end: at + character.length };
  return new SyntaxFault(
    `${JSON.stringify(character)} may not stand unquoted in a value`,
    span,
    "quote-value",
  );
}
