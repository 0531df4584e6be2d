import type { Key } from "../node.ts";
import type { Argument, Interpolation, TextPart } from "./ast.ts";
import { typedPrimitive } from "./primitive.ts";

/** Where and why a text with `${` does not parse. */
export class InterpolationFault extends Error {
  readonly at: number;
  readonly fix: string;

  constructor(message: string, at: number, fix = "write a literal '${' as '\\${'") {
    super(message);
    this.at = at;
    this.fix = fix;
  }
}

const BLANK = /[ \t]*/y;
const REFERENCE_KEY = /[^\\{}()[\]:. \t'"]+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const UNQUOTED = /[A-Za-z0-9_/\-+.$%*@?|:]/;
const DICT_KEY = /[A-Za-z0-9_/\-+.$%*@?|]/;
const ESCAPED = /[\\()[\]{}:=, \t]/;
/** Interpolations, lists and dicts within each other: far beyond any hand-written value, well within the stack. */
const DEEPEST = 200;
const QUOTE_FIX = "put the text in quotes";

/** Recursive descent over one text. Each method starts at `#at` and leaves it behind what it read. */
export class InterpolationParser {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** The whole text. */
  text(): TextPart[] {
    return this.#pieces("");
  }

  /** The whole text as one argument. Blanks around unquoted text are part of it, and make it text. */
  single(): Argument {
    const before = this.#match(BLANK);
    const start = this.#at;
    const element = before === "" ? this.#element() : this.#primitive();
    const raw = this.#source.slice(start, this.#at);
    const after = this.#match(BLANK);
    if (this.#at < this.#source.length) throw this.#fault("the end expected", QUOTE_FIX);
    if (before + after === "") return element;
    if (element.kind === "value") return { kind: "value", value: before + raw + after };
    if (element.kind === "text" && !element.quoted)
      return { ...element, parts: [before, ...element.parts, after] };
    throw this.#fault("no blank expected", QUOTE_FIX);
  }

  /** Text up to the quote that ends it, or to the end of everything where `quote` is empty. */
  #pieces(quote: string): TextPart[] {
    const parts: TextPart[] = [];
    let literal = "";
    while (this.#at < this.#source.length) {
      const slashes = this.#match(/\\+/y);
      const opens = this.#source.startsWith("${", this.#at);
      const quoted = quote !== "" && this.#source[this.#at] === quote;
      literal += opens || quoted ? "\\".repeat(slashes.length >> 1) : slashes;
      if (opens && slashes.length % 2 === 0) {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(this.#interpolation());
      } else if (quoted && slashes.length % 2 === 0) {
        break;
      } else if (opens || quoted) {
        const taken = opens ? "${" : quote;
        literal += taken;
        this.#at += taken.length;
      } else {
        literal += this.#source[this.#at] ?? "";
        this.#at++;
      }
    }
    if (literal !== "") parts.push(literal);
    return parts;
  }

  /** One level deeper while `read` runs. */
  #deeper<Result>(read: () => Result): Result {
    if (this.#depth === DEEPEST) {
      throw new InterpolationFault(
        `more than ${DEEPEST} levels within each other`,
        this.#at,
        "write it flatter",
      );
    }
    this.#depth++;
    const result = read();
    this.#depth--;
    return result;
  }

  #interpolation(): Interpolation {
    return this.#deeper(() => this.#interpolationWithin());
  }

  #interpolationWithin(): Interpolation {
    const start = this.#at;
    this.#at += 2;
    this.#blank();
    const call = this.#call(start);
    if (call !== undefined) return call;
    const up = this.#match(/\.*/y).length;
    const keys = [this.#referenceStep(true)];
    for (;;) {
      if (this.#closes()) break;
      keys.push(this.#referenceStep(false));
    }
    return { kind: "node", up, keys, text: this.#source.slice(start, this.#at) };
  }

  /** `key` first, then `.key` or `[key]`. */
  #referenceStep(first: boolean): string | Interpolation {
    if (this.#takes("[")) {
      const key = this.#referenceKey();
      if (!this.#takes("]")) throw this.#fault("']' expected");
      return key;
    }
    if (!first && !this.#takes(".")) throw this.#fault("'.', '[' or '}' expected");
    return this.#referenceKey();
  }

  #referenceKey(): string | Interpolation {
    if (this.#source.startsWith("${", this.#at)) return this.#interpolation();
    const key = this.#match(REFERENCE_KEY);
    if (key === "") throw this.#fault("a key expected");
    return key;
  }

  /** `name:…}`, or undefined (and nothing read) where this is no call. */
  #call(start: number): Interpolation | undefined {
    const before = this.#at;
    const name = this.#callName();
    if (name === undefined) {
      this.#at = before;
      return undefined;
    }
    this.#blank();
    const args = this.#sequence("}");
    if (!this.#closes()) throw this.#fault("',' or '}' expected", QUOTE_FIX);
    return { kind: "call", name, args, text: this.#source.slice(start, this.#at) };
  }

  #callName(): (string | Interpolation)[] | undefined {
    const name: (string | Interpolation)[] = [];
    do {
      if (this.#source.startsWith("${", this.#at)) {
        name.push(this.#interpolation());
      } else {
        const word = this.#match(NAME);
        if (word === "") return undefined;
        name.push(word);
      }
    } while (this.#takes("."));
    this.#blank();
    return this.#takes(":") ? name : undefined;
  }

  /** Arguments up to `end`, which is left unread. A missing one is an empty text. */
  #sequence(end: "}" | "]"): Argument[] {
    if (this.#peekAfterBlank() === end) return [];
    const items: Argument[] = [];
    for (;;) {
      this.#blank();
      const next = this.#source[this.#at];
      items.push(next === "," || next === end ? { kind: "value", value: "" } : this.#element());
      if (this.#peekAfterBlank() !== ",") return items;
      this.#blank();
      this.#at++;
    }
  }

  #element(): Argument {
    return this.#deeper(() => this.#elementWithin());
  }

  #elementWithin(): Argument {
    const next = this.#source[this.#at];
    if (next === "'" || next === '"') return this.#quoted(next);
    if (next === "[") return this.#list();
    if (next === "{") return this.#dict();
    return this.#primitive();
  }

  #quoted(quote: string): Argument {
    const open = this.#at;
    this.#at++;
    const parts = this.#pieces(quote);
    if (!this.#takes(quote))
      throw new InterpolationFault("this quote is not closed", open, `add the closing ${quote}`);
    return { kind: "text", parts, quoted: true };
  }

  #list(): Argument {
    this.#at++;
    const items = this.#sequence("]");
    this.#blank();
    if (!this.#takes("]")) throw this.#fault("',' or ']' expected", QUOTE_FIX);
    return { kind: "list", items };
  }

  #dict(): Argument {
    this.#at++;
    const entries: { key: Key | null; value: Argument }[] = [];
    this.#blank();
    if (this.#closes()) return { kind: "dict", entries };
    do {
      this.#blank();
      const key = this.#dictKey();
      if (!this.#takes(":")) throw this.#fault("':' expected after the key", "keys have no quotes here");
      this.#blank();
      entries.push({ key, value: this.#element() });
      this.#blank();
    } while (this.#takes(","));
    if (!this.#closes()) throw this.#fault("',' or '}' expected", QUOTE_FIX);
    return { kind: "dict", entries };
  }

  #dictKey(): Key | null {
    const { parts, typed } = this.#run(DICT_KEY, false);
    if (parts.length === 0) throw this.#fault("a key expected");
    return typed as Key | null;
  }

  #primitive(): Argument {
    const { parts, typed } = this.#run(UNQUOTED, true);
    if (parts.length === 0) throw this.#fault("a value expected", QUOTE_FIX);
    if (typed !== undefined) return { kind: "value", value: typed };
    return { kind: "text", parts, quoted: false };
  }

  /** A stretch of unquoted characters, escapes, blanks and interpolations, without blanks at its ends. */
  #run(legal: RegExp, interpolations: boolean) {
    const parts: TextPart[] = [];
    let literal = "";
    let escaped = false;
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined) break;
      const blank = this.#match(BLANK);
      if (blank !== "") {
        if (this.#endsRun(legal, interpolations)) break;
        literal += blank;
      } else if (interpolations && this.#source.startsWith("${", this.#at)) {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(this.#interpolation());
      } else if (next === "\\" && ESCAPED.test(this.#source[this.#at + 1] ?? "")) {
        literal += this.#source[this.#at + 1];
        escaped = true;
        this.#at += 2;
      } else if (next === "\\" || legal.test(next)) {
        literal += next;
        this.#at++;
      } else break;
    }
    if (literal !== "") parts.push(literal);
    const [only] = parts;
    const whole = parts.length === 1 && typeof only === "string";
    return { parts, typed: whole ? (escaped ? only : typedPrimitive(only)) : undefined };
  }

  /** Whether a run cannot go on here, so that the blanks before were its end. */
  #endsRun(legal: RegExp, interpolations: boolean): boolean {
    const next = this.#source[this.#at];
    if (next === undefined) return true;
    if (next === "\\" || legal.test(next)) return false;
    return !(interpolations && this.#source.startsWith("${", this.#at));
  }

  /** Reads blanks and `}`; reads nothing where there is none. */
  #closes(): boolean {
    const before = this.#at;
    this.#blank();
    if (this.#takes("}")) return true;
    this.#at = before;
    return false;
  }

  #peekAfterBlank(): string | undefined {
    const before = this.#at;
    this.#blank();
    const next = this.#source[this.#at];
    this.#at = before;
    return next;
  }

  #blank(): void {
    this.#match(BLANK);
  }

  #takes(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #fault(message: string, fix?: string): InterpolationFault {
    const next = this.#source[this.#at];
    return new InterpolationFault(
      `${message}, not ${next === undefined ? "the end" : `'${next}'`}`,
      this.#at,
      fix,
    );
  }
}
