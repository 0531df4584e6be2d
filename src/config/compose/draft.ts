import type { Key, MapNode, Node } from "../node.ts";
import { mapNode, setEntry } from "../node.ts";

/**
 * The maps that one composition has made and that nothing else holds yet. They are written to in place, where any other node is
 * copied first: so thousands of small changes to one large map cost no more than they must.
 */
export class Draft {
  readonly #own = new Map<MapNode, Map<Key, Node>>();

  /** The map itself where it is the draft's own, else a copy that is. */
  open(node: MapNode): { readonly node: MapNode; readonly entries: Map<Key, Node> } {
    const known = this.#own.get(node);
    if (known !== undefined) return { node, entries: known };
    const entries = new Map(node.entries);
    const copy = mapNode(entries, node.origin);
    this.#own.set(copy, entries);
    return { node: copy, entries };
  }

  withEntry(map: MapNode, key: Key, value: Node): MapNode {
    const { node, entries } = this.open(map);
    setEntry(entries, key, value);
    return node;
  }

  /** Gives a tree up: it is held at a second place from now on. */
  release(node: Node): void {
    if (node.kind === "map") this.#own.delete(node);
    if (node.kind === "map") for (const item of node.entries.values()) this.release(item);
    if (node.kind === "list") for (const item of node.items) this.release(item);
  }
}
