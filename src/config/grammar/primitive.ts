import type { InterpolationElement, QuotedElement, Scalar, ScalarElement, Span } from "./ast.ts";
import type { Token } from "./lexer.ts";

/**
 * The element that a run of unquoted tokens stands for. Outer blanks fall away; one typed token alone keeps
 * its type; anything longer is text, unescaped piece by piece.
 */
export function primitive(tokens: readonly Token[]): ScalarElement | InterpolationElement {
  const from = tokens[0]?.kind === "space" ? 1 : 0;
  const to = tokens.at(-1)?.kind === "space" ? tokens.length - 1 : tokens.length;
  const inner = tokens.slice(from, to);
  const span: Span = { start: inner[0]?.start ?? 0, end: inner.at(-1)?.end ?? 0 };
  const [only] = inner;
  const value = inner.length === 1 && only ? tokenValue(only) : inner.map(tokenText).join("");
  if (inner.some((token) => token.kind === "interpolation")) {
    return { kind: "interpolation", text: String(value), span };
  }
  return { kind: "scalar", value, text: inner.map((token) => token.text).join(""), span };
}

function tokenValue(token: Token): Scalar {
  switch (token.kind) {
    case "int":
      return BigInt(token.text.replaceAll("_", ""));
    case "float":
      return floatValue(token.text);
    case "bool":
      return token.text.toLowerCase() === "true";
    case "null":
      return null;
    default:
      return tokenText(token);
  }
}

function floatValue(text: string): number {
  const plain = text.replaceAll("_", "").toLowerCase();
  if (plain.endsWith("nan")) return Number.NaN;
  if (plain.endsWith("inf")) return plain.startsWith("-") ? -Infinity : Infinity;
  return Number(plain);
}

function tokenText(token: Token): string {
  return token.kind === "escape" ? token.text.replace(/\\(.)/g, "$1") : token.text;
}

/** A quoted string: backslashes are halved only directly before its own quote, or at its end. */
export function quoted(token: Token): QuotedElement {
  const quote = token.text.startsWith("'") ? "'" : '"';
  const inside = token.text.slice(1, -1);
  const value = inside.replace(/\\+/g, (slashes, at: number) => {
    const next = inside[at + slashes.length];
    return next === quote || next === undefined ? "\\".repeat(Math.floor(slashes.length / 2)) : slashes;
  });
  return { kind: "quoted", value, quote, span: { start: token.start, end: token.end } };
}
