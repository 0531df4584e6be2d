import type { Answer } from "./answer.ts";
import { answerFromFiles, type ComposeCase } from "./compose-answer.ts";
import type { Tagged } from "./tagged.ts";

const call = /^(\+{0,2})([\w.]+)=\s*(?:append|extend_list|prepend|insert|remove)\s*\(/;
const deletion = /^~([\w.]+)\.(\d+)$/;
const marker = /(^|\s)!(?:append|prepend|insert|remove|replace|delete)\b/m;

/** `tags=append(x)`, `~tags.0`. */
export function isListChange(word: string): boolean {
  return call.test(word) || deletion.test(word);
}

/** Whether a file says `!append` or the like. */
export function hasMarker(text: string): boolean {
  return marker.test(text);
}

/**
 * Whether the changes can be made: they need a list (`+` makes one where there is nothing), a deletion an item of it. What the
 * composition without them holds is compared with Hydra's by other cases.
 */
export function changedLists(item: ComposeCase): Answer {
  const others = item.overrides.filter((word) => !isListChange(word));
  const base = answerFromFiles({ ...item, overrides: others, resolve: false, expect: { result: null } });
  if (base.error !== undefined) return base;
  const faults = item.overrides.flatMap((word) => faultOf(word, base["result"] as Tagged));
  const [kind] = faults;
  return kind === undefined ? {} : { error: { kind } };
}

function faultOf(word: string, root: Tagged): string[] {
  const [, prefix = "", key] = call.exec(word) ?? [];
  if (key !== undefined) {
    const target = valueAt(root, key.split("."));
    const starts = prefix !== "" && (target === undefined || target.t === "null");
    return target?.t === "list" || starts ? [] : ["value-set"];
  }
  const [, list = "", index = ""] = deletion.exec(word) ?? [];
  if (list === "") return [];
  const target = valueAt(root, list.split("."));
  const length = target?.t === "list" ? (target.v as readonly unknown[]).length : 0;
  return Number(index) < length ? [] : ["value-delete"];
}

function valueAt(root: Tagged | undefined, path: readonly string[]): Tagged | undefined {
  const [first, ...rest] = path;
  if (first === undefined || root === undefined) return root;
  if (root.t === "list") return valueAt((root.v as readonly Tagged[])[Number(first)], rest);
  if (root.t !== "dict") return undefined;
  const entries = root.v as readonly (readonly [Tagged, Tagged])[];
  return valueAt(entries.find(([key]) => key.v === first)?.[1], rest);
}
