import type { PrintedScalar } from "./scalar-style.ts";
import { isPrintable } from "./scalar-style.ts";

const WIDTH = 80;
const BINARY_WIDTH = 76;
const breaks = "\n\u0085\u2028\u2029";

const escapes: ReadonlyMap<string, string> = new Map([
  ["\0", "\\0"],
  ["\u0007", "\\a"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\v", "\\v"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ["\u001b", "\\e"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0085", "\\N"],
  ["\u00a0", "\\_"],
  ["\u2028", "\\L"],
  ["\u2029", "\\P"],
]);

/** The text so far and the column, in code points; folds long scalars as PyYAML's emitter does. */
export class YamlWriter {
  #text = "";
  #column = 0;
  /** Whether a blank is needed before the next word. */
  #tight = false;
  /** Whether a dash (or `?`) stands last, so that a container may begin in the same line. */
  #open = false;

  finish(): string {
    return `${this.#text}\n`;
  }

  /** Goes to a new line at this column, or stays behind a dash. */
  startLine(indent: number): void {
    if (this.#open) {
      this.#space();
    } else if (this.#text !== "") {
      this.#newLine();
    }
    this.#open = false;
    this.#pad(indent);
  }

  /** `-`, `?` or `:`, behind which a container may begin in the same line. */
  indicator(mark: string): void {
    this.#write(mark);
    this.#tight = true;
    this.#open = true;
  }

  /** `:` behind a key. */
  punctuation(mark: string): void {
    this.#write(mark);
    this.#tight = true;
  }

  word(text: string): void {
    this.#space();
    this.#write(text);
  }

  scalar({ text, style }: PrintedScalar, indent: number, split: boolean): void {
    this.#space();
    if (style === "plain") this.#plain(text, indent, split);
    else if (style === "single") this.#single(text, indent, split);
    else this.#double(text, indent, split);
  }

  /** `!!binary |` and base 64 in lines. */
  binary(base64: string, indent: number): void {
    this.word(base64 === "" ? '!!binary ""' : "!!binary |");
    for (let at = 0; at < base64.length; at += BINARY_WIDTH) {
      this.#newLine();
      this.#pad(indent);
      this.#write(base64.slice(at, at + BINARY_WIDTH));
    }
  }

  #plain(text: string, indent: number, split: boolean): void {
    if (!split || this.#column + text.length <= WIDTH) {
      this.#write(text);
      return;
    }
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      if (piece === " " && this.#column > WIDTH && split) this.#continueAt(indent);
      else this.#write(piece);
    }
  }

  #single(text: string, indent: number, split: boolean): void {
    this.#write("'");
    const pieces = text.match(/ +|[\n\u0085\u2028\u2029]+|[^ \n\u0085\u2028\u2029']+|'/g) ?? [];
    pieces.forEach((piece, index) => {
      const inner = index > 0 && index < pieces.length - 1;
      if (piece === " " && this.#column > WIDTH && split && inner) this.#continueAt(indent);
      else if (breaks.includes(piece[0] ?? " ")) this.#lineBreaks(piece, indent);
      else this.#write(piece === "'" ? "''" : piece);
    });
    this.#write("'");
  }

  /** A line break in quotes is an empty line. */
  #lineBreaks(piece: string, indent: number): void {
    if (piece.startsWith("\n")) this.#newLine();
    for (const character of piece) {
      if (character === "\n") this.#newLine();
      else this.#newLine(character);
    }
    this.#pad(indent);
  }

  #double(text: string, indent: number, split: boolean): void {
    this.#write('"');
    const characters = [...text];
    const last = characters.length - 1;
    let pending = "";
    // PyYAML counts what it has not written yet, and may break where that has just become empty.
    for (let end = 0; end <= characters.length; end++) {
      const character = characters[end];
      if (character === undefined || needsEscape(character)) {
        this.#write(pending);
        pending = "";
        if (character !== undefined) this.#write(escaped(character));
      } else if (!(end > 0 && end < last && character === " ")) {
        pending += character;
        continue;
      }
      const length = [...pending].length;
      if (end > 0 && end < last && split && this.#column + length > WIDTH) {
        this.#write(`${pending}\\`);
        pending = "";
        this.#newLine();
        this.#pad(indent);
        if (character === " ") this.#write("\\");
      }
      if (character === " ") pending += " ";
    }
    this.#write('"');
  }

  #continueAt(indent: number): void {
    this.#newLine();
    this.#pad(indent);
  }

  #space(): void {
    if (this.#tight) this.#write(" ");
    this.#tight = false;
    this.#open = false;
  }

  #newLine(character = "\n"): void {
    this.#text += character;
    this.#column = 0;
    this.#tight = false;
  }

  #pad(indent: number): void {
    if (this.#column < indent) this.#write(" ".repeat(indent - this.#column));
  }

  #write(text: string): void {
    this.#text += text;
    this.#column += codePoints(text);
  }
}

function codePoints(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}

function needsEscape(character: string): boolean {
  if ('"\\\u0085\u2028\u2029\ufeff\n'.includes(character)) return true;
  const code = character.codePointAt(0) ?? 0;
  return !isPrintable(character) || code > 0xffff;
}

function escaped(character: string): string {
  const known = escapes.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
