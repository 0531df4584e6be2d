import type { Scalar } from "./ast.ts";
import { SyntaxFault } from "./faults.ts";
import { type Token, type TokenKind, tokenize } from "./lexer.ts";
import { primitive, quoted } from "./primitive.ts";
import type { ArgumentSyntax, CallSyntax, Syntax } from "./syntax.ts";

const keyTokens: ReadonlySet<TokenKind> = new Set([
  "id",
  "null",
  "int",
  "float",
  "bool",
  "char",
  "escape",
  "space",
] as const);
const primitiveTokens: ReadonlySet<TokenKind> = new Set([...keyTokens, "interpolation", "colon"] as const);

/** Lists and dicts within each other; far beyond any hand-written value, well within the stack. */
const deepest = 200;

/**
 * Parses the value that starts at `start`: one element, or several with commas between them.
 *
 * @throws {SyntaxFault} at the first token that does not fit
 */
export function parseValue(text: string, start: number): Syntax {
  return new ValueParser(tokenize(text, start)).value();
}

class ValueParser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  value(): Syntax {
    const { start, end } = this.#token;
    if (this.#is("end")) return { kind: "scalar", value: "", text: "", span: { start, end } };
    const items = this.#separated("end", () => this.#element());
    const [first] = items;
    if (first !== undefined && items.length === 1) return first;
    return { kind: "commas", items, span: { start, end: this.#token.end } };
  }

  get #token(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error("internal: a token list without an end");
    return token;
  }

  #is(kind: TokenKind, ahead = 0): boolean {
    return this.#tokens[this.#at + ahead]?.kind === kind;
  }

  #take(): Token {
    const token = this.#token;
    this.#at++;
    return token;
  }

  /** One or more items with commas between, up to (not including) the closing token. */
  #separated<Item>(close: TokenKind, item: () => Item): Item[] {
    const items = [item()];
    while (this.#is("comma")) {
      this.#take();
      items.push(item());
    }
    if (!this.#is(close)) throw this.#unexpected(close);
    return items;
  }

  #element(): Syntax {
    if (this.#depth === deepest) throw new SyntaxFault("lists and dicts are nested too deeply", this.#token);
    this.#depth++;
    const element = this.#elementWithin();
    this.#depth--;
    return element;
  }

  #elementWithin(): Syntax {
    if (this.#is("quoted")) return quoted(this.#take());
    if (this.#is("listOpen")) return this.#list();
    if (this.#is("dictOpen")) return this.#dict();
    if (this.#is("id") && this.#is("open", 1)) return this.#call();
    return primitive(this.#run(primitiveTokens, "a value"));
  }

  #run(kinds: ReadonlySet<TokenKind>, what: string): Token[] {
    const from = this.#at;
    while (kinds.has(this.#token.kind)) this.#at++;
    if (this.#at === from) throw this.#missing(what);
    return this.#tokens.slice(from, this.#at);
  }

  #list(): Syntax {
    const { start } = this.#take();
    const items = this.#is("listClose") ? [] : this.#separated("listClose", () => this.#element());
    return { kind: "list", items, span: { start, end: this.#take().end } };
  }

  #dict(): Syntax {
    const { start } = this.#take();
    const entries = this.#is("dictClose") ? [] : this.#separated("dictClose", () => this.#entry());
    return { kind: "dict", entries, span: { start, end: this.#take().end } };
  }

  #entry(): { key: Scalar; value: Syntax } {
    if (this.#is("quoted"))
      throw new SyntaxFault("a dict key is written without quotes", this.#token, "dict-key");
    const key = primitive(this.#run(keyTokens, "a dict key"));
    if (!this.#is("colon")) throw this.#unexpected("colon");
    this.#take();
    return { key: key.kind === "scalar" ? key.value : key.text, value: this.#element() };
  }

  #call(): CallSyntax {
    const name = this.#take();
    this.#take();
    const args = this.#is("close") ? [] : this.#separated("close", () => this.#argument());
    return {
      kind: "call",
      name: name.text,
      nameSpan: { start: name.start, end: name.end },
      arguments: args,
      span: { start: name.start, end: this.#take().end },
    };
  }

  #argument(): ArgumentSyntax {
    const { start } = this.#token;
    let name: string | null = null;
    if (this.#is("id") && this.#is("equal", 1)) {
      name = this.#take().text;
      this.#take();
    }
    const value = this.#element();
    return { name, value, span: { start, end: value.span.end } };
  }

  #missing(what: string): SyntaxFault {
    const token = this.#token;
    const afterComma = this.#tokens[this.#at - 1]?.kind === "comma";
    if (token.kind === "end")
      return new SyntaxFault(`${what} is missing at the end`, token, afterComma ? "comma" : "none");
    if (token.kind === "comma" || afterComma)
      return new SyntaxFault(`expected ${what}, not ${shown(token)}`, token, "comma");
    return new SyntaxFault(`expected ${what}, not ${shown(token)}`, token, remedyFor(token, undefined));
  }

  #unexpected(wanted: TokenKind): SyntaxFault {
    const token = this.#token;
    const closing = closers[wanted];
    if (token.kind === "end")
      return new SyntaxFault(`${closing ?? wanted} is missing at the end`, token, "close");
    const expected = closing === undefined ? "" : `, expected ',' or ${closing}`;
    const what = `${shown(token)} does not fit here${wanted === "colon" ? ", expected ':'" : expected}`;
    return new SyntaxFault(what, token, remedyFor(token, this.#tokens[this.#at - 1]));
  }
}

const closers: { readonly [Kind in TokenKind]?: string } = {
  listClose: "']'",
  dictClose: "'}'",
  close: "')'",
  colon: "':'",
};

function shown(token: Token): string {
  return token.text.trim() === "" ? "a blank" : `'${token.text.trim()}'`;
}

function remedyFor(token: Token, before: Token | undefined): SyntaxFault["remedy"] {
  if (token.kind === "equal") return "equal";
  const complete: readonly (TokenKind | undefined)[] = ["quoted", "listClose", "dictClose", "close"];
  if (token.kind === "quoted" || complete.includes(before?.kind)) return "whole-value";
  return "quote-value";
}
