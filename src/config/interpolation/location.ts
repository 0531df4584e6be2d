import type { ContainerNode, Key, Node } from "../node.ts";

/** A node and the containers around it. Relative references and errors need to know where a node stands. */
export interface Location {
  readonly node: Node;
  /** null for the root. */
  readonly parent: Location | null;
  readonly key: Key | null;
}

export function rootLocation(node: ContainerNode): Location {
  return { node, parent: null, key: null };
}

/** The keys from the root. */
export function locationKeys(location: Location): Key[] {
  if (location.parent === null || location.key === null) return [];
  return [...locationKeys(location.parent), location.key];
}

/** `a.b[0]`; empty for the root. */
export function locationPath(location: Location): string {
  if (location.parent === null) return "";
  const before = locationPath(location.parent);
  if (location.parent.node.kind === "list") return `${before}[${location.key}]`;
  return before === "" ? String(location.key) : `${before}.${location.key}`;
}

export function isWithin(location: Location, container: Node): boolean {
  for (let at: Location | null = location; at !== null; at = at.parent)
    if (at.node === container) return true;
  return false;
}

/** Whether two locations are one place of one tree. */
export function isSamePlace(one: Location | null, other: Location | null): boolean {
  let [a, b] = [one, other];
  while (a !== b) {
    if (a === null || b === null || a.node !== b.node || a.key !== b.key) return false;
    [a, b] = [a.parent, b.parent];
  }
  return true;
}
