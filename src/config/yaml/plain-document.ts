import type { Key, Node } from "../node.ts";
import { listNode, mapNode, scalarNode } from "../node.ts";
import type { FileOrigin } from "../origin.ts";
import { duplicateKey } from "./duplicate-key.ts";
import { type ColumnOrigin, flowAt, quotedAt } from "./flow-value.ts";
import { plainScalar } from "./plain-scalar.ts";

/** Signs that ask for the whole language: tabs, anchors, other line ends, anything unusual. */
const unusual = /[^\n\x20-\x7e\u00a1-\u167f\u1681-\u1fff]|&/;

/** `key:` with or without something behind; keys are plain words, paths, or two words as in a defaults list. */
const entryPattern =
  /^([A-Za-z_/\u00c0-\u1fff][A-Za-z0-9_./@\u00c0-\u1fff-]*(?: [A-Za-z0-9_./@\u00c0-\u1fff-]+)*):(?: +|$)/;
/** The first sign of an unquoted value that is only text, a number or an interpolation. */
const plainStart = /^(?:[A-Za-z0-9_./$~+(\\\u00c0-\u1fff]|-[A-Za-z0-9.]|\?\?\?$)/;

interface Line {
  /** Blanks before the text. */
  readonly indent: number;
  /** The text, without blanks around it. Its comment may still be behind it. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** The text of the block behind a line that ends with `: |` or `: |-`. */
  readonly block?: string;
}

/** Thrown, and caught at the door, where a document needs the whole reader. */
class NeedsWhole extends Error {}

/**
 * Reads a document that is written plainly: maps and lists in blocks, values of one line or in a `|` block, comments. That is most config
 * files, and some twenty times faster than the whole of YAML.
 *
 * @returns exactly what the whole reader gives, or undefined where the document has anything else in it or a fault
 */
export function plainDocument(text: string, file: string): Node | undefined {
  if (unusual.test(text)) return undefined;
  try {
    return new PlainReader(significantLines(text), file).read();
  } catch (error) {
    // A number that is none is the whole reader's to tell.
    if (error instanceof NeedsWhole || error instanceof RangeError) return undefined;
    throw error;
  }
}

function significantLines(text: string): Line[] {
  const lines: Line[] = [];
  const all = text.split("\n");
  for (let index = 0; index < all.length; index++) {
    const line = all[index] ?? "";
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const indent = leadingBlanks(line);
    const number = index + 1;
    if (!/: \|-?$/.test(trimmed)) {
      lines.push({ indent, text: trimmed, number });
      continue;
    }
    const end = blockEnd(all, number, indent);
    lines.push({ indent, text: trimmed, number, block: blockText(all.slice(number, end), trimmed) });
    index = end - 1;
  }
  return lines;
}

/** The index of the first line that no longer belongs to the block below a key. */
function blockEnd(all: readonly string[], from: number, keyIndent: number): number {
  for (let index = from; index < all.length - 1; index++) {
    const line = all[index] ?? "";
    if (line !== "" && leadingBlanks(line) <= keyIndent) return index;
  }
  // Behind the last line break there may be more content, without a line break of its own.
  if (all.at(-1) !== "") throw new NeedsWhole();
  return all.length - 1;
}

/** The lines of a `|` block; a blank one that holds blanks, and one left of the first, are the whole reader's. */
function blockText(lines: readonly string[], header: string): string {
  const first = lines.find((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  if (first === undefined || header.startsWith("- ")) throw new NeedsWhole();
  const indent = leadingBlanks(first);
  if (lines.some((line) => line !== "" && (leadingBlanks(line) < indent || line.trim() === "")))
    throw new NeedsWhole();
  const text = lines
    .slice(0, last + 1)
    .map((line) => line.slice(indent))
    .join("\n");
  return header.endsWith("-") ? text : `${text}\n`;
}

function leadingBlanks(line: string): number {
  return line.length - line.trimStart().length;
}

class PlainReader {
  readonly #lines: Line[];
  readonly #file: string;
  #at = 0;
  /** The first key that its map has already. */
  #duplicate: { readonly key: string; readonly origin: FileOrigin } | undefined;

  constructor(lines: Line[], file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  read(): Node {
    const first = this.#lines[0];
    if (first === undefined || first.indent !== 0) throw new NeedsWhole();
    const isFlow = first.text.startsWith("{") || first.text.startsWith("[");
    const node = isFlow ? this.#flow(first) : this.#block(first);
    if (this.#at < this.#lines.length) throw new NeedsWhole();
    // Told at the end: what is wrong with the text itself comes first.
    if (this.#duplicate !== undefined) throw duplicateKey(this.#duplicate.key, this.#duplicate.origin);
    return node;
  }

  #flow(line: Line): Node {
    this.#at++;
    return this.#inline(line, 0);
  }

  /** The map or list that begins at a line, which is the next one. */
  #block(first: Line): Node {
    return isItem(first) ? this.#list(first.indent) : this.#map(first.indent);
  }

  #map(indent: number): Node {
    const entries = new Map<Key, Node>();
    const start = this.#origin(this.#lines[this.#at] as Line)(indent + 1);
    for (let line = this.#next(indent); line !== undefined && !isItem(line); line = this.#next(indent)) {
      const match = entryPattern.exec(line.text);
      const key = match?.[1];
      if (match === null || key === undefined) throw new NeedsWhole();
      if (typeof plainScalar(key) !== "string") throw new NeedsWhole();
      this.#at++;
      const at = this.#origin(line)(indent + 1);
      if (entries.has(key)) this.#duplicate ??= { key, origin: at };
      const value = this.#value(line, match[0].length, true);
      // A container is placed at its key: that is where one looks for it.
      entries.set(key, value.kind === "scalar" ? value : { ...value, origin: at });
    }
    return mapNode(entries, start);
  }

  #list(indent: number): Node {
    const items: Node[] = [];
    const start = this.#origin(this.#lines[this.#at] as Line)(indent + 1);
    for (let line = this.#next(indent); line !== undefined && isItem(line); line = this.#next(indent)) {
      items.push(this.#item(line));
    }
    return listNode(items, start);
  }

  #item(line: Line): Node {
    const rest = line.text.slice(1).trimStart();
    const offset = line.text.length - rest.length;
    if (rest === "" || isItem({ ...line, text: rest })) throw new NeedsWhole();
    if (entryPattern.test(rest)) {
      // The map in an item: its first entry shares the line with the dash.
      this.#lines[this.#at] = { indent: line.indent + offset, text: rest, number: line.number };
      return this.#map(line.indent + offset);
    }
    this.#at++;
    return this.#value(line, offset, false);
  }

  /**
   * What stands behind a key or a dash, or in the lines below it.
   *
   * @param from     offset into the line's text
   * @param ofEntry  a list below a key may stand at the key's own indentation
   */
  #value(line: Line, from: number, ofEntry: boolean): Node {
    const rest = line.text.slice(from);
    const next = this.#lines[this.#at];
    if (rest === "" || rest.startsWith("#")) {
      const isList = ofEntry && next !== undefined && next.indent === line.indent && isItem(next);
      if (next === undefined || (next.indent <= line.indent && !isList)) throw new NeedsWhole();
      return this.#block(next);
    }
    // A deeper line would go on with the value.
    if (next !== undefined && next.indent > line.indent) throw new NeedsWhole();
    return this.#inline(line, from);
  }

  #inline(line: Line, from: number): Node {
    const { text, block } = line;
    const origin = this.#origin(line, line.indent);
    if (block !== undefined) {
      if (!/^\|-?$/.test(text.slice(from))) throw new NeedsWhole();
      return scalarNode(block, origin(from + 1));
    }
    const read = quotedAt(text, from, origin) ?? flowAt(text, from, origin);
    if (read !== undefined) {
      if (!/^(?: +#.*)?$/.test(text.slice(read.end))) throw new NeedsWhole();
      return read.node;
    }
    const comment = text.indexOf(" #", from);
    const plain = (comment === -1 ? text.slice(from) : text.slice(from, comment)).trimEnd();
    if (!plainStart.test(plain) || plain.includes(": ") || plain.endsWith(":")) throw new NeedsWhole();
    return scalarNode(plainScalar(plain), origin(from + 1));
  }

  /** The next line if it belongs to the block at an indentation; undefined where the block has ended. */
  #next(indent: number): Line | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined || line.indent < indent) return undefined;
    if (line.indent > indent) throw new NeedsWhole();
    return line;
  }

  #origin(line: Line, shift = 0): ColumnOrigin {
    return (column): FileOrigin => ({
      kind: "file",
      file: this.#file,
      line: line.number,
      column: shift + column,
    });
  }
}

function isItem({ text }: Pick<Line, "text">): boolean {
  return text === "-" || text.startsWith("- ");
}
