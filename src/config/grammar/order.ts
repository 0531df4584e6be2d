import type { DictElement, Element, Scalar } from "./ast.ts";
import { CallFault } from "./faults.ts";

/** Before, same or after by code point, as Python orders text (JavaScript's `<` goes by UTF-16 unit). */
export function compareCodePoints(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return (x.done ? 0 : 1) - (y.done ? 0 : 1);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

/** Equal as Python has it: ints, floats and bools by number, so `1`, `1.0` and `true` are one dict key. */
export function scalarsEqual(a: Scalar, b: Scalar): boolean {
  const x = numberOf(a);
  const y = numberOf(b);
  return x !== undefined && y !== undefined ? x <= y && x >= y : a === b;
}

/** The number that Python compares a value by; undefined for text and null. */
export function numberOf(value: Scalar): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/**
 * The elements in Python's order: numbers and bools by number, text by code point, lists item by item.
 * Equal ones keep their places, also when descending.
 *
 * @throws {CallFault} for two elements that Python does not order
 */
export function sortElements(elements: readonly Element[], descending: boolean): Element[] {
  const order = (a: Element, b: Element) => (isLess(a, b) ? -1 : isLess(b, a) ? 1 : 0);
  const sorted = descending ? elements.toReversed().sort(order) : elements.toSorted(order);
  return descending ? sorted.reverse() : sorted;
}

function isLess(a: Element, b: Element): boolean {
  if (a.kind === "list" && b.kind === "list") return isListLess(a.items, b.items);
  const x = a.kind === "scalar" ? numberOf(a.value) : undefined;
  const y = b.kind === "scalar" ? numberOf(b.value) : undefined;
  if (x !== undefined && y !== undefined) return x < y;
  const left = bareText(a);
  const right = bareText(b);
  if (left !== undefined && right !== undefined) return compareCodePoints(left, right) < 0;
  throw new CallFault(`cannot sort ${kindName(a)} with ${kindName(b)}`, {
    fix: "give numbers only, or unquoted text only",
  });
}

function isListLess(a: readonly Element[], b: readonly Element[]): boolean {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return false;
    if (!elementsEqual(left, right)) return isLess(left, right);
  }
  return a.length < b.length;
}

function elementsEqual(a: Element, b: Element): boolean {
  if (a.kind === "scalar" && b.kind === "scalar") return scalarsEqual(a.value, b.value);
  if (a.kind === "quoted" && b.kind === "quoted") return a.value === b.value && a.quote === b.quote;
  if (a.kind === "list" && b.kind === "list") {
    return a.items.length === b.items.length && a.items.every((item, index) => sameAt(b.items, index, item));
  }
  if (a.kind === "dict" && b.kind === "dict") return dictsEqual(a, b);
  const left = bareText(a);
  return left !== undefined && left === bareText(b);
}

function sameAt(items: readonly Element[], index: number, item: Element): boolean {
  const other = items[index];
  return other !== undefined && elementsEqual(item, other);
}

function dictsEqual(a: DictElement, b: DictElement): boolean {
  if (a.entries.length !== b.entries.length) return false;
  return a.entries.every(({ key, value }) => {
    const other = b.entries.find((entry) => scalarsEqual(entry.key, key));
    return other !== undefined && elementsEqual(value, other.value);
  });
}

/** Unquoted text. A quoted string within a list is a kind of its own to Hydra, which does not order it. */
function bareText(element: Element): string | undefined {
  if (element.kind === "interpolation") return element.text;
  return element.kind === "scalar" && typeof element.value === "string" ? element.value : undefined;
}

/** What a user would call the element. */
export function kindName(element: Element): string {
  if (element.kind === "scalar") return scalarName(element.value);
  return names[element.kind];
}

const names = {
  quoted: "a quoted string within a list",
  interpolation: "text",
  list: "a list",
  dict: "a dict",
  choice: "a choice",
  range: "a range",
  interval: "an interval",
  glob: "a glob",
  edit: "a change of a list",
} as const;

function scalarName(value: Scalar): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return "a bool";
  return typeof value === "string" ? "text" : "a number";
}
