import type { PlainValue } from "./grammar/ast.ts";
import type { Origin } from "./origin.ts";

/** Keys keep their kind: `1` is a bigint, `1.5` a number, `on` a boolean. */
export type Key = string | bigint | number | boolean;

/** An int is a bigint, a float a number, so that `1` and `1.0` stay apart. */
export type ScalarValue = null | boolean | bigint | number | string | Uint8Array;

/** `!append` and its like in a file: how a value meets the one before it. Never in a composed tree. */
export interface Marker {
  readonly does: "append" | "prepend" | "insert" | "remove" | "replace" | "delete";
  /** The index of `!insert`. */
  readonly at: number | null;
}

export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: ScalarValue;
  readonly origin: Origin;
  /** A null that nobody wrote: `key:` with nothing behind it. */
  readonly bare?: true;
  readonly marker?: Marker;
  /** Made by a resolver: its text is data and is not interpolated again. */
  readonly literal?: true;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly origin: Origin;
  readonly marker?: Marker;
}

/** Entries in insertion order. Use {@link entry} and {@link setEntry}: keys are equal as in Python. */
export interface MapNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<Key, Node>;
  readonly origin: Origin;
  readonly marker?: Marker;
}

/** A composed config is a tree of these. Nodes are never changed; a change makes new ones along the path. */
export type Node = ScalarNode | ListNode | MapNode;

export type ContainerNode = ListNode | MapNode;

export function scalarNode(value: ScalarValue, origin: Origin): ScalarNode {
  return { kind: "scalar", value, origin };
}

export function listNode(items: readonly Node[], origin: Origin): ListNode {
  return { kind: "list", items, origin };
}

export function mapNode(entries: ReadonlyMap<Key, Node>, origin: Origin): MapNode {
  return { kind: "map", entries, origin };
}

export function isContainer(node: Node): node is ContainerNode {
  return node.kind !== "scalar";
}

/** `???`: a mandatory value that nobody gave. */
export function isMissing(node: Node): boolean {
  return node.kind === "scalar" && node.value === "???";
}

export function isNull(node: Node): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** A scalar whose text holds `${`, escaped or not. */
export function isInterpolation(node: Node): node is ScalarNode & { value: string } {
  return (
    node.kind === "scalar" && typeof node.value === "string" && !node.literal && node.value.includes("${")
  );
}

/** The key under which the map holds `key` (1, 1.0 and true are one key, as in Python). */
export function heldKey(entries: ReadonlyMap<Key, unknown>, key: Key): Key | undefined {
  if (entries.has(key)) return key;
  if (typeof key === "string") return undefined;
  return equalKeys(key).find((candidate) => entries.has(candidate));
}

function equalKeys(key: bigint | number | boolean): Key[] {
  const number = Number(key);
  const keys: Key[] = [number];
  if (Number.isInteger(number)) keys.push(typeof key === "bigint" ? key : BigInt(number));
  if (number === 0 || number === 1) keys.push(number === 1);
  return keys;
}

export function entry(node: MapNode, key: Key): Node | undefined {
  const held = heldKey(node.entries, key);
  return held === undefined ? undefined : node.entries.get(held);
}

/** Sets in place: for maps that are still being built. An equal key that is there stays, with its position. */
export function setEntry<T>(entries: Map<Key, T>, key: Key, node: T): void {
  entries.set(heldKey(entries, key) ?? key, node);
}

/** A copy of the map with one entry set. */
export function withEntry(node: MapNode, key: Key, value: Node): MapNode {
  const entries = new Map(node.entries);
  setEntry(entries, key, value);
  return mapNode(entries, node.origin);
}

export function withoutEntry(node: MapNode, key: Key): MapNode {
  const entries = new Map(node.entries);
  const held = heldKey(entries, key);
  if (held !== undefined) entries.delete(held);
  return mapNode(entries, node.origin);
}

export function withItem(node: ListNode, index: number, value: Node): ListNode {
  return listNode(node.items.with(index, value), node.origin);
}

/** Data as nodes. With `literal`, texts with `${` are data too. */
export function nodeFromValue(value: PlainValue | Uint8Array, origin: Origin, literal = false): Node {
  if (value instanceof Uint8Array) return scalarNode(value, origin);
  if (Array.isArray(value)) {
    return listNode(
      value.map((item: PlainValue) => nodeFromValue(item, origin, literal)),
      origin,
    );
  }
  if (value instanceof Map) {
    const entries = new Map<Key, Node>();
    for (const [key, item] of value as ReadonlyMap<Key, PlainValue>) {
      setEntry(entries, key, nodeFromValue(item, origin, literal));
    }
    return mapNode(entries, origin);
  }
  const scalar = scalarNode(value as ScalarValue, origin);
  return literal ? { ...scalar, literal: true } : scalar;
}

/** The node as data, as stored: interpolations stay text. Bytes become a text, one character a byte. */
export function nodeValue(node: Node): PlainValue {
  switch (node.kind) {
    case "scalar":
      return node.value instanceof Uint8Array ? Buffer.from(node.value).toString("latin1") : node.value;
    case "list":
      return node.items.map(nodeValue);
    case "map":
      return new Map([...node.entries].map(([key, item]) => [key, nodeValue(item)]));
  }
}
