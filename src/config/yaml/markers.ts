import type { Marker, Node } from "../node.ts";

/** Tags that say how a file's value meets the one before it. */
const markers = ["append", "prepend", "insert", "remove", "replace", "delete"] as const;

export type MarkerName = (typeof markers)[number];

/** `append` for `!append`; undefined for any other tag. */
export function markerName(tag: string | undefined): MarkerName | undefined {
  return markers.find((name) => tag === `!${name}`);
}

/** Whether a text may hold one: a quick look, for most have none. */
export function mayHoldMarkers(text: string): boolean {
  return /!(?:append|prepend|insert|remove|replace|delete)\b/.test(text);
}

export function holdsMarkers(node: Node): boolean {
  if (node.marker !== undefined) return true;
  if (node.kind === "scalar") return false;
  const children = node.kind === "list" ? node.items : [...node.entries.values()];
  return children.some(holdsMarkers);
}

/** How the tag is written; for errors. */
export function markerUsage(name: MarkerName): string {
  if (name === "insert") return "!insert {at: 0, items: [x]}";
  if (name === "delete") return "!delete";
  return name === "replace" ? "!replace {key: value}" : `!${name} [x]`;
}

/**
 * What the tag makes of the value behind it; undefined where the value does not fit the tag. One value stands for a list of
 * it.
 */
export function markedNode(name: MarkerName, node: Node): Node | undefined {
  const marker: Marker = { does: name, at: null };
  switch (name) {
    case "delete":
      return node.kind === "scalar" && node.value === null ? { ...node, marker } : undefined;
    case "replace":
      return node.kind === "scalar" ? undefined : { ...node, marker };
    case "insert":
      return insertNode(node);
    default:
      if (node.kind === "list") return { ...node, marker };
      return { kind: "list", items: [node], origin: node.origin, marker };
  }
}

/** From `{at: 0, items: [x]}`. */
function insertNode(node: Node): Node | undefined {
  if (node.kind !== "map" || node.entries.size !== 2) return undefined;
  const [at, items] = [node.entries.get("at"), node.entries.get("items")];
  if (at?.kind !== "scalar" || typeof at.value !== "bigint" || items?.kind !== "list") return undefined;
  return { ...items, marker: { does: "insert", at: Number(at.value) } };
}
