import { ExpressionFault } from "./ast.ts";

export type TokenKind = "int" | "float" | "text" | "word" | "sign" | "end";

export interface ExpressionToken {
  readonly kind: TokenKind;
  /** As typed; of a text what is between its quotes. */
  readonly text: string;
  readonly at: number;
}

const rules: readonly (readonly [TokenKind, RegExp])[] = [
  ["float", /(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/y],
  ["int", /[0-9]+(?:_[0-9]+)*/y],
  ["word", /[\p{ID_Start}_][\p{ID_Continue}]*/uy],
  ["text", /'[^']*'|"[^"]*"/y],
  ["sign", /\*\*|\/\/|==|!=|<=|>=|[-+*/%<>()[\],.]/y],
];

/**
 * The tokens of an expression, with an empty one of kind `end` last.
 *
 * @throws {ExpressionFault} at a sign that no expression has
 */
export function tokenizeExpression(text: string): ExpressionToken[] {
  const tokens: ExpressionToken[] = [];
  const blank = /\s*/y;
  for (let at = 0; ; ) {
    blank.lastIndex = at;
    at += blank.exec(text)?.[0].length ?? 0;
    if (at >= text.length) break;
    const token = tokenAt(text, at, continuesPath(text, at, tokens.at(-1)));
    tokens.push({ ...token, text: token.kind === "text" ? token.text.slice(1, -1) : token.text });
    at += token.text.length;
  }
  return [...tokens, { kind: "end", text: "", at: text.length }];
}

/** Directly behind a key, a bracket or a dot: what follows is a part of a path, and `.1` no number. */
function continuesPath(text: string, at: number, before: ExpressionToken | undefined): boolean {
  if (before === undefined || /\s/.test(text[at - 1] ?? "")) return false;
  return before.kind === "word" || before.kind === "int" || [".", "]", ")"].includes(before.text);
}

function tokenAt(text: string, at: number, inPath: boolean): ExpressionToken {
  for (const [kind, pattern] of rules) {
    if (kind === "float" && inPath) continue;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, at };
  }
  const sign = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const isQuote = sign === "'" || sign === '"';
  const what = isQuote ? `the quote ${sign} is not closed` : `'${sign}' has no meaning in an expression`;
  throw new ExpressionFault(`${what} (character ${at + 1})`, fixes[sign]);
}

const fixes: Readonly<Record<string, string>> = {
  "=": "write == to compare",
  "&": "write and",
  "|": "write or",
  "!": "write not, or !=",
  "?": "write A if CONDITION else B",
};
