/** A text with signs put into it, and the way back to the places of what was there before. */
export interface RewrittenText {
  readonly text: string;
  /** The offset into the text as it was written. */
  readonly writtenAt: (offset: number) => number;
  /** Where the brackets or quotes end that a written offset is within; undefined where it is in none. */
  readonly runEnd: (writtenOffset: number) => number | undefined;
}

interface Run {
  /** Offset of the opening sign. */
  readonly from: number;
  /** Offset behind the closing sign. */
  readonly to: number;
  /** Blanks that its further lines need at least. */
  readonly indent: number;
  /** Quotes that its lone dashes need. */
  readonly quotes: readonly Edit[];
}

/** What to put in before an offset. */
interface Edit {
  readonly at: number;
  readonly added: string;
}

/** How much was put in up to a place of the new text. */
interface Inserted {
  readonly at: number;
  readonly length: number;
}

/** Columns that a line may need: what stands further right is no config, and many lines of it would fill the memory. */
const MOST_BLANKS = 1_000;

/**
 * Writes what YAML 1.1 allows as YAML 1.2 wants it: the further lines of `[…]`, `{…}` and quoted texts may stand at any column in 1.1 and are
 * indented here, which does not change what they mean; and a lone dash in brackets, `[-]`, is put in quotes.
 *
 * @returns undefined where there is nothing to do
 * @see PyYAML `Scanner.unwind_indent`, which does nothing within brackets
 */
export function asNewerYaml(text: string): RewrittenText | undefined {
  const runs = new RunScanner(text).runs();
  const edits = runs
    .flatMap((run) => [...missingBlanks(text, run), ...run.quotes])
    .sort((a, b) => a.at - b.at);
  const total = edits.reduce((all, { added }) => all + added.length, 0);
  if (total === 0) return undefined;
  let from = 0;
  let rewritten = "";
  const inserted: Inserted[] = [];
  let sum = 0;
  for (const { at, added } of edits) {
    rewritten += text.slice(from, at) + added;
    from = at;
    sum += added.length;
    inserted.push({ at: at + sum, length: sum });
  }
  return {
    text: rewritten + text.slice(from),
    writtenAt: (offset) => offset - insertedBefore(inserted, offset),
    runEnd: (offset) => runs.find((run) => run.from <= offset && offset <= run.to)?.to,
  };
}

function insertedBefore(inserted: readonly Inserted[], offset: number): number {
  let [low, high] = [0, inserted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((inserted[middle]?.at ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return inserted[low - 1]?.length ?? 0;
}

function missingBlanks(text: string, { from, to, indent }: Run): Edit[] {
  const found: Edit[] = [];
  if (indent > MOST_BLANKS) return found;
  for (let end = text.indexOf("\n", from); end !== -1 && end < to; end = text.indexOf("\n", end + 1)) {
    const at = end + 1;
    const rest = /[ ]*/y;
    rest.lastIndex = at;
    const blanks = indent - (rest.exec(text)?.[0].length ?? 0);
    const next = text[rest.lastIndex];
    // What looks like the mark between two documents is one also here, and a fault.
    if (
      blanks <= 0 ||
      next === "\n" ||
      next === "\r" ||
      /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(at, at + 4))
    )
      continue;
    found.push({ at, added: " ".repeat(blanks) });
  }
  return found;
}

/** What may stand before a value in its line: dashes, question marks, anchors and tags. */
const prefix = /(?:[-?](?=\s)[ ]*|[&!][^\s,[\]{}]*[ ]*)*/y;
const blockHeader = /[|>][-+0-9]*[ ]*(?:#.*)?$/my;
/** A text without quotes up to the colon or comment that ends it, or the end of the line. */
const plainPart = /(?:[^\n:#]+|:(?=[^ \r\n])|(?<=[^ \t\n])#)+/y;

/** Finds the brackets and quotes of a text, without regard to how far their lines are indented. */
class RunScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  runs(): Run[] {
    const found: Run[] = [];
    while (this.#at < this.#text.length) {
      const closed = this.#line(found);
      // What never closes is a fault, and nothing behind it is certain.
      if (!closed) break;
    }
    return found;
  }

  /** Goes over one line and what begins in it. @returns false where a bracket or quote does not close */
  #line(found: Run[]): boolean {
    const text = this.#text;
    const start = this.#at;
    this.#at += this.#match(/[ ]*/y);
    const marker = this.#match(/---(?=[ \n])[ ]*/y);
    this.#at += marker;
    const dashes = /(?:[-?][ ]+)*/y;
    dashes.lastIndex = this.#at;
    const items = dashes.exec(text)?.[0] ?? "";
    // Where a key of this line stands, and what is deeper than which belongs to the value at hand.
    const column = this.#at - start + items.length;
    let parent = items === "" ? column - 1 : column - (/[-?] *$/.exec(items)?.[0].length ?? 0);
    if (marker > 0) parent = -1;
    for (;;) {
      this.#at += this.#match(prefix);
      const sign = text[this.#at];
      if (sign === "#") break;
      if (this.#match(blockHeader) > 0) return this.#skipDeeper(parent);
      if (sign === "[" || sign === "{" || sign === '"' || sign === "'") {
        const quotes: Edit[] = [];
        const to = sign === "[" || sign === "{" ? this.#flowEnd(quotes) : this.#quoteEnd(this.#at);
        if (to === undefined) return false;
        found.push({ from: this.#at, to, indent: parent + 1, quotes });
        this.#at = to;
      } else if (this.#match(plainPart) > 0) {
        this.#at += this.#match(plainPart);
        if (text[this.#at] !== ":") return this.#skipDeeper(parent);
      }
      const colon = this.#match(/[ ]*:[ ]*/y);
      if (colon === 0) break;
      this.#at += colon;
      parent = column;
    }
    this.#skipLine();
    return true;
  }

  #match(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end + 1;
  }

  /** Over the rest of the line, and over the lines below that are deeper: of a block, or more of a text without quotes. */
  #skipDeeper(parent: number): true {
    this.#skipLine();
    while (this.#at < this.#text.length) {
      const blanks = this.#match(/[ ]*/y);
      const next = this.#text[this.#at + blanks];
      if (next !== undefined && next !== "\n" && next !== "\r" && blanks <= Math.max(0, parent)) break;
      this.#skipLine();
    }
    return true;
  }

  #quoteEnd(from: number): number | undefined {
    const quoted = this.#text[from] === "'" ? /'[^']*(?:''[^']*)*'/y : /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
    quoted.lastIndex = from;
    return quoted.test(this.#text) ? quoted.lastIndex : undefined;
  }

  /** Behind the bracket that closes the one at hand. */
  #flowEnd(quotes: Edit[]): number | undefined {
    const text = this.#text;
    const signs = /[[\]{}]|(?<=[[{,\s])-(?=[,[\]{}])|(?<=[[{,:\s])["']|(?<=[[\]{},\s"'])#.*/g;
    signs.lastIndex = this.#at;
    let depth = 0;
    for (let match = signs.exec(text); match !== null; match = signs.exec(text)) {
      const sign = match[0];
      if (sign === "[" || sign === "{") depth++;
      else if (sign === "]" || sign === "}") depth--;
      else if (sign === "-") {
        quotes.push({ at: match.index, added: '"' }, { at: match.index + 1, added: '"' });
      } else if (sign === '"' || sign === "'") {
        const end = this.#quoteEnd(match.index);
        if (end === undefined) return undefined;
        signs.lastIndex = end;
      }
      if (depth === 0) return signs.lastIndex;
    }
    return undefined;
  }
}
