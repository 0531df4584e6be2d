import type { Node } from "../node.ts";
import { nodeValue } from "../node.ts";
import { pythonRepr } from "../python-text.ts";
import { valuesEqual } from "./values-equal.ts";

/** What `append(…)` on the command line and `!append` in a file ask for. */
export interface ListChange {
  readonly edit: "append" | "prepend" | "insert" | "remove";
  /** `insert` puts its items before the item of this index, counted from the end where negative. */
  readonly at: number | null;
  readonly items: readonly Node[];
}

/** A change that does not fit the list; the caller knows the place. */
export class ListFault extends Error {
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/**
 * The list after the change.
 *
 * @throws {ListFault} for an index outside of the list, and for an item to remove that is not there
 */
export function editList(items: readonly Node[], change: ListChange): readonly Node[] {
  switch (change.edit) {
    case "append":
      return [...items, ...change.items];
    case "prepend":
      return [...change.items, ...items];
    case "insert":
      return items.toSpliced(insertIndex(items.length, change.at ?? 0), 0, ...change.items);
    case "remove":
      return change.items.reduce(without, items);
  }
}

function insertIndex(length: number, at: number): number {
  if (at >= -length && at <= length) return at;
  throw new ListFault(
    `the list has ${length} items, so nothing can be inserted at ${at}`,
    `use -${length} to ${length}`,
  );
}

/** Every item of that value goes. */
function without(items: readonly Node[], unwanted: Node): readonly Node[] {
  const value = nodeValue(unwanted);
  const kept = items.filter((item) => !valuesEqual(nodeValue(item), value));
  if (kept.length < items.length) return kept;
  const shown = items.slice(0, 12).map((item) => pythonRepr(nodeValue(item)));
  throw new ListFault(
    `the list holds no ${pythonRepr(value)}`,
    `its items are: ${shown.join(", ") || "none"}${items.length > 12 ? ", …" : ""}`,
  );
}
