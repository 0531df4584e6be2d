import type { Answer } from "./answer.ts";
import { beyondHydra } from "./beyond-hydra.ts";
import { answerFromFiles, type ComposeCase } from "./compose-answer.ts";
import {
  entriesOf,
  type ListedEntry,
  overriddenGroup,
  withoutEntries,
  withSelfFirst,
} from "./edit-defaults.ts";
import { quotedSigns } from "./edit-words.ts";
import { changedLists, hasMarker, isListChange } from "./list-changes.ts";
import type { DivergenceRule } from "./replay.ts";

/**
 * Compositions that we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug.
 *
 * Where Hydra has no answer to compare with, the promise is our own answer to a case that says the same in words on
 * which we and Hydra agree, as other cases show.
 */
export const composeDivergences: readonly DivergenceRule<ComposeCase, Answer>[] = [
  {
    ...beyondHydra.unquotedText,
    applies: ({ expect, overrides }) =>
      /^override-/.test(expect.error?.kind ?? "") && overrides.some((word) => quotedSigns(word) !== word),
    promised: (item) => answerFromFiles({ ...item, overrides: item.overrides.map(quotedSigns) }),
  },
  {
    ...beyondHydra.extensions,
    applies: ({ expect, overrides, files = {} }) =>
      expect.error !== undefined && (overrides.some(isListChange) || Object.values(files).some(hasMarker)),
    promised: changedLists,
  },
  {
    name: "implied-self",
    reason:
      "Hydra drops a primary's own values when its list holds only overrides and a word appends a group",
    applies: (item) => {
      const entries = entriesOf(primaryText(item));
      return (
        entries.length > 0 &&
        entries.every((entry) => overriddenGroup(entry) !== undefined) &&
        appended(item).length > 0
      );
    },
    promised: (item) => answerFromFiles(withPrimary(item, withSelfFirst)),
  },
  {
    name: "appended-override",
    reason: "an `override` in a config that the command line appends beats the primary's own (as Hydra 1.4)",
    applies: (item) => shadowed(item).length > 0,
    promised: (item) => {
      const groups = shadowed(item);
      const isShadowed = (entry: ListedEntry) => groups.includes(overriddenGroup(entry) ?? "");
      return answerFromFiles(withPrimary(item, (text) => withoutEntries(text, isShadowed)));
    },
  },
  {
    name: "defaults-keyword",
    reason: "Hydra 1.3 ignores a misspelt keyword in a defaults list; we refuse it (as Hydra 1.4)",
    applies: ({ files = {} }) => Object.values(files).some((text) => entriesOf(text).some(hasUnknownKeyword)),
    promised: () => ({ error: { kind: "defaults-invalid", kinds: ["defaults-invalid"] } }),
  },
];

function primaryPath({ config, dir = "" }: ComposeCase): string {
  return `${dir === "" ? "" : `${dir}/`}${config}${config?.endsWith(".yaml") ? "" : ".yaml"}`;
}

function primaryText(item: ComposeCase): string {
  return item.files?.[primaryPath(item)] ?? "";
}

function withPrimary(item: ComposeCase, edit: (text: string) => string): ComposeCase {
  return { ...item, files: { ...item.files, [primaryPath(item)]: edit(primaryText(item)) } };
}

/** Configs that words such as `+experiment=lite` append: `experiment/lite`. */
function appended(item: ComposeCase): string[] {
  const { dir = "", files = {} } = item;
  const prefix = dir === "" ? "" : `${dir}/`;
  return item.overrides.flatMap((word) => {
    const [, group = "", options = ""] = /^\+([\w/-]+)(?:@[\w.]*)?=\[?([^\]]*)\]?$/.exec(word) ?? [];
    const isGroup = group !== "" && Object.keys(files).some((path) => path.startsWith(`${prefix}${group}/`));
    return isGroup ? options.split(",").map((option) => `${group}/${option.trim()}`) : [];
  });
}

/** Groups that the primary overrides and an appended config (or one that it includes) too. */
function shadowed(item: ComposeCase): string[] {
  const inner = new Set(appended(item).flatMap((path) => groupsOverriddenIn(item, path, new Set())));
  return entriesOf(primaryText(item))
    .flatMap((entry) => overriddenGroup(entry) ?? [])
    .filter((group) => inner.has(group));
}

function groupsOverriddenIn(item: ComposeCase, path: string, seen: Set<string>): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const { dir = "", files = {} } = item;
  const entries = entriesOf(files[`${dir === "" ? "" : `${dir}/`}${path}.yaml`] ?? "");
  const below = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const included = entries.flatMap(({ key, option }) => {
    const name = (key.split(" ").at(-1) ?? "").replace(/@.*/, "");
    const target = option === undefined ? name : `${name}/${option}`;
    if (target === "_self_") return [];
    return groupsOverriddenIn(item, target.startsWith("/") ? target.slice(1) : `${below}/${target}`, seen);
  });
  return [...entries.flatMap((entry) => overriddenGroup(entry) ?? []), ...included];
}

function hasUnknownKeyword({ key }: ListedEntry): boolean {
  const words = key.split(" ").slice(0, -1);
  return words.some((word) => word !== "optional" && word !== "override");
}
