import { configError } from "../errors.ts";
import type { Key, MapNode, Node } from "../node.ts";
import { heldKey, isMissing, isNull, listNode, mapNode, setEntry } from "../node.ts";
import { originText } from "../origin.ts";
import { editList, ListFault } from "./edit-list.ts";

export interface MarkedPlace {
  /** What the key held; undefined where it is new. */
  readonly before: Node | undefined;
  /** The key path, for messages. */
  readonly path: string;
  readonly warn: ((message: string) => void) | undefined;
}

/**
 * Sets a key as the marker of its new value says: `!append` and its like change the list, `!replace` puts a map in place of
 * another instead of merging, `!delete` takes the key out.
 *
 * @throws {ConfigError} CONFIG_MERGE_VALUE where the change does not fit what is there
 */
export function applyMarked(entries: Map<Key, Node>, key: Key, item: Node, place: MarkedPlace): void {
  if (item.marker?.does === "delete") {
    const held = heldKey(entries, key);
    if (held !== undefined) entries.delete(held);
    else place.warn?.(`${originText(item.origin)}: there is no '${place.path}' to delete`);
  } else {
    setEntry(entries, key, settled(item, place));
  }
}

/** The value with its markers carried out. */
function settled(node: Node, place: MarkedPlace): Node {
  if (node.kind === "map") return settledMap(node, place);
  if (node.kind === "scalar") return node;
  const { marker } = node;
  if (marker === undefined || marker.does === "replace" || marker.does === "delete") {
    return listNode(
      node.items.map((item) => settled(item, { ...place, before: undefined })),
      node.origin,
    );
  }
  try {
    const items = editList(itemsOf(place.before), { edit: marker.does, at: marker.at, items: node.items });
    return listNode(items, node.origin);
  } catch (cause) {
    if (!(cause instanceof ListFault)) throw cause;
    throw configError("CONFIG_MERGE_VALUE", `'!${marker.does}' of '${place.path}': ${cause.message}`, {
      where: originText(node.origin),
      fix: cause.fix,
      cause,
    });
  }
}

function settledMap(node: MapNode, { path, warn }: MarkedPlace): MapNode {
  const entries = new Map<Key, Node>();
  for (const [key, item] of node.entries)
    applyMarked(entries, key, item, { before: undefined, path: `${path}.${key}`, warn });
  return mapNode(entries, node.origin);
}

function itemsOf(before: Node | undefined): readonly Node[] {
  if (before === undefined || isNull(before) || isMissing(before)) return [];
  if (before.kind === "list") return before.items;
  const what = before.kind === "map" ? "a map" : "one value";
  throw new ListFault(
    `what is there, from ${originText(before.origin)}, is ${what} and no list`,
    "write the whole list",
  );
}
