import type { ContainerNode, MapNode, Node } from "../node.ts";
import { engineOrigin, type Origin, originText } from "../origin.ts";
import { type Composition, readStored } from "./composition.ts";
import type { DefaultsListItem } from "./defaults-list.ts";

/** One value that a key had on the way to its last. */
export interface KeyHistory {
  /** undefined where the key was taken out. */
  readonly node: Node | undefined;
  /** Where the value came from; for a container that was only added to, who added. */
  readonly origin: Origin;
  /** The config of the defaults list that brought it; null for a word and for the engine. */
  readonly item: DefaultsListItem | null;
}

const filled = engineOrigin("filled in by the engine");

/** Everything that happened to a key, the last first. Empty where the key never was there. */
export function explainKey(composition: Composition, path: string): readonly KeyHistory[] {
  const history: KeyHistory[] = [];
  let before: Node | undefined;
  const note = (tree: MapNode, step: Origin | undefined, item: DefaultsListItem | null) => {
    const node = readStored(tree, path);
    if (isSame(before, node)) return;
    const isChanged = before !== undefined && node !== undefined && before.kind === node.kind;
    const isGrown = isChanged && node.kind !== "scalar" && isSameOrigin(node.origin, before?.origin);
    const origin = (isGrown ? step : node?.origin) ?? step;
    if (origin !== undefined) history.push({ node, origin, item });
    before = node;
  };
  for (const { tree, origin, item } of composition.steps) note(tree, origin, item);
  // What the engine fills in, and what is known only once a job has its folder.
  const last = readStored(composition.all, path);
  note(composition.all, last === undefined || last.kind === "scalar" ? undefined : filled, null);
  return history.reverse();
}

/** The same value from the same place: a typed copy of a node is no change. */
function isSame(before: Node | undefined, after: Node | undefined): boolean {
  if (before === after) return true;
  if (before === undefined || after === undefined || !isSameOrigin(before.origin, after.origin)) return false;
  if (before.kind === "scalar" || after.kind === "scalar") return before.kind === after.kind;
  const [some, others] = [childrenOf(before), childrenOf(after)];
  return some.length === others.length && some.every((child, index) => isSame(child, others[index]));
}

/** The steps are gone through again: their words are the same, though not the same objects. */
function isSameOrigin(one: Origin, other: Origin | undefined): boolean {
  if (one === other || other === undefined) return one === other;
  return one.kind === other.kind && originText(one) === originText(other);
}

function childrenOf(node: ContainerNode): readonly Node[] {
  return node.kind === "list" ? node.items : [...node.entries.values()];
}
