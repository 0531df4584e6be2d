import type { Composition } from "./compose/composition.ts";
import type { PlainValue } from "./grammar/index.ts";
import { type Node, nodeValue } from "./node.ts";
import type { Origin } from "./origin.ts";

/** The node at a key path as stored, from the task's config or (`hydra.…`) the hydra node; undefined where absent. */
export function select(composition: Composition, path: string): Node | undefined {
  return composition.read(path);
}

/** The value at a key path with everything interpolated, as data; undefined where it is absent or `???`. */
export function resolveSetting(composition: Composition, path: string): PlainValue | undefined {
  const reader = composition.interpolator("all");
  const found = reader.select(path);
  return found === undefined ? undefined : nodeValue(reader.resolveTree(found));
}

/** Where the value at a key path came from; undefined where it is absent. */
export function originOf(composition: Composition, path: string): Origin | undefined {
  return composition.read(path)?.origin;
}
