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
