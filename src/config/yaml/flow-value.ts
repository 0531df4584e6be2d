import type { Key, Node, ScalarNode } from "../node.ts";
import { listNode, mapNode, scalarNode } from "../node.ts";
import type { FileOrigin } from "../origin.ts";
import { plainScalar } from "./plain-scalar.ts";

/** Says where a column of the line at hand is. */
export type ColumnOrigin = (column: number) => FileOrigin;

/** Text that needs no thought: letters, digits and a few signs; blanks only inside. */
const plainText = /[A-Za-z0-9_./$+-](?:[A-Za-z0-9_./$+ -]*[A-Za-z0-9_./$+-])?/y;
const keyText = /[A-Za-z_][A-Za-z0-9_.-]*/y;
/** What ends an item. */
const itemEnd = / *[,\]}]/y;
/** Lists and maps within each other; deeper ones are the whole reader's to refuse. */
const deepest = 50;
/** Quotes with nothing to undo in them. */
const quotedText = /'([^'\n\u0085\u2028\u2029]*)'(?!')|"([^"\\\n\u0085\u2028\u2029]*)"/y;

interface Read {
  readonly node: Node;
  /** Behind it. */
  readonly end: number;
}

/**
 * A quoted text at a place of a line; undefined where there is none, or where its content is more than what is written.
 *
 * @param start  offset into the line, from 0
 */
export function quotedAt(
  line: string,
  start: number,
  origin: ColumnOrigin,
): (Read & { node: ScalarNode }) | undefined {
  quotedText.lastIndex = start;
  const match = quotedText.exec(line);
  if (match === null) return undefined;
  return { node: scalarNode(match[1] ?? match[2] ?? "", origin(start + 1)), end: quotedText.lastIndex };
}

/** A `[…]` or `{…}` within one line, of plain and quoted texts; undefined where it holds anything else. */
export function flowAt(line: string, start: number, origin: ColumnOrigin, depth = 0): Read | undefined {
  if (depth > deepest) return undefined;
  if (line[start] === "[") return listAt(line, start, origin, depth);
  return line[start] === "{" ? mapAt(line, start, origin, depth) : undefined;
}

function listAt(line: string, start: number, origin: ColumnOrigin, depth: number): Read | undefined {
  const items: Node[] = [];
  let at = skipBlanks(line, start + 1);
  while (line[at] !== "]") {
    const item = valueAt(line, at, origin, depth);
    if (item === undefined) return undefined;
    items.push(item.node);
    const next = behindItem(line, item.end, "]");
    if (next === undefined) return undefined;
    at = next;
  }
  return { node: listNode(items, origin(start + 1)), end: at + 1 };
}

function mapAt(line: string, start: number, origin: ColumnOrigin, depth: number): Read | undefined {
  const entries = new Map<Key, Node>();
  let at = skipBlanks(line, start + 1);
  while (line[at] !== "}") {
    keyText.lastIndex = at;
    const key = keyText.exec(line)?.[0];
    if (key === undefined || entries.has(key) || typeof plainScalar(key) !== "string") return undefined;
    const colon = at + key.length;
    if (line[colon] !== ":" || line[colon + 1] !== " ") return undefined;
    const value = valueAt(line, skipBlanks(line, colon + 1), origin, depth);
    if (value === undefined) return undefined;
    // A container is placed at its key.
    entries.set(key, value.node.kind === "scalar" ? value.node : { ...value.node, origin: origin(at + 1) });
    const next = behindItem(line, value.end, "}");
    if (next === undefined) return undefined;
    at = next;
  }
  return { node: mapNode(entries, origin(start + 1)), end: at + 1 };
}

/** Where the next item or the closing bracket is. */
function behindItem(line: string, end: number, close: string): number | undefined {
  const at = skipBlanks(line, end);
  if (line[at] === close) return at;
  return line[at] === "," ? skipBlanks(line, at + 1) : undefined;
}

function valueAt(line: string, at: number, origin: ColumnOrigin, depth: number): Read | undefined {
  const first = line[at];
  if (first === "[" || first === "{") return flowAt(line, at, origin, depth + 1);
  if (first === "'" || first === '"') return quotedAt(line, at, origin);
  plainText.lastIndex = at;
  const text = plainText.exec(line)?.[0];
  if (text === undefined || text === "-" || text.startsWith("- ") || text.startsWith("---")) return undefined;
  // What comes behind must end it: `a:b`, `a#b` and `${x}` have more to them.
  itemEnd.lastIndex = at + text.length;
  if (!itemEnd.test(line)) return undefined;
  return { node: scalarNode(plainScalar(text), origin(at + 1)), end: at + text.length };
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (line[at] === " ") at++;
  return at;
}
