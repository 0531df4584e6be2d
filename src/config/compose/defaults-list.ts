import type { TtmError } from "../../core/index.ts";
import { closestNames } from "../../core/index.ts";
import { configError } from "../errors.ts";
import { overridePlace } from "../grammar/index.ts";
import type { Origin } from "../origin.ts";
import { originText } from "../origin.ts";
import { list } from "./defaults-faults.ts";
import type { DefaultsTree, DefaultsTreeBuilder } from "./defaults-tree.ts";
import { type ChoiceChange, type GroupOverrides, noHydraGroup } from "./group-overrides.ts";
import type { PlacedEntry } from "./placed-entry.ts";
import { EMPTY_CONFIG, type Repository } from "./repository.ts";

/** One config to merge, in order. */
export interface DefaultsListItem {
  /** Below a source, without `.yaml`. */
  readonly path: string;
  /** Where the content goes; "" is the root. */
  readonly package: string;
  /** Stands for its config's `_self_`. */
  readonly isSelf: boolean;
  /** The config whose list brought it in; null for `hydra/config` and the primary. */
  readonly parent: string | null;
  /** The key by which a group's choice is overridden; null for configs and `_self_`. */
  readonly overrideKey: string | null;
  /** Who chose this option of its group; null for what is no group's. */
  readonly chosenBy: Origin | null;
  readonly origin: Origin;
}

/** The leaves of the trees, left to right: without empty, deleted and missing choices. */
export function flatten(trees: readonly DefaultsTree[]): DefaultsListItem[] {
  const items: DefaultsListItem[] = [];
  const walk = (tree: DefaultsTree): void => {
    if (tree.children.length > 0) tree.children.forEach(walk);
    else items.push(...leaf(tree));
  };
  trees.forEach(walk);
  return items;
}

function leaf({ entry, parent }: DefaultsTree): DefaultsListItem[] {
  if (entry.deleted || entry.isMissing || entry.name === null) return [];
  const { origin } = entry;
  if (entry.isSelf && parent !== null) {
    const container = parent.entry;
    if (container.configPath === EMPTY_CONFIG) return [];
    const above = parent.parent?.entry.configPath ?? null;
    const place = { path: container.configPath, package: container.package };
    const chosenBy = chooserOf(container);
    return [{ ...place, isSelf: true, parent: above, overrideKey: null, chosenBy, origin }];
  }
  if (entry.configPath === EMPTY_CONFIG) return [];
  const overrideKey = entry.entry.kind === "group" ? entry.overrideKey : null;
  const place = { path: entry.configPath, package: entry.package };
  const chosenBy = chooserOf(entry);
  return [
    { ...place, isSelf: false, parent: parent?.entry.configPath ?? null, overrideKey, chosenBy, origin },
  ];
}

function chooserOf({ entry, chosenBy }: PlacedEntry): Origin | null {
  return entry.kind === "group" ? chosenBy : null;
}

/** One key twice, and choices and deletions that met no entry. */
export function checkList(
  items: readonly DefaultsListItem[],
  overrides: GroupOverrides,
  builder: DefaultsTreeBuilder,
  repository: Repository,
): TtmError[] {
  const faults: TtmError[] = duplicates(items);
  for (const [key, change] of overrides.changes) {
    if (!change.used) faults.push(unmatchedChoice(key, change, overrides, builder, repository));
  }
  for (const [key, { word, used }] of overrides.deletions) {
    if (used) continue;
    const known = builder.known.get(key);
    faults.push(
      configError("CONFIG_UNMATCHED_DELETION", `there is no '${word.text.slice(1)}' to delete`, {
        where: overridePlace({ ...word, total: overrides.total }, word.keySpan),
        fix:
          key === "hydra"
            ? noHydraGroup
            : known === undefined
              ? keysFix(key, builder)
              : `'${key}' is '${known}'; delete it with '~${key}'`,
      }),
    );
  }
  return faults;
}

function duplicates(items: readonly DefaultsListItem[]): TtmError[] {
  const seen = new Map<string, DefaultsListItem>();
  return items.flatMap((item) => {
    if (item.overrideKey === null) return [];
    const before = seen.get(item.overrideKey);
    seen.set(item.overrideKey, item);
    if (before === undefined) return [];
    return [
      configError("CONFIG_DUPLICATE_CHOICE", `'${item.overrideKey}' is twice in the defaults list`, {
        where: `${originText(before.origin)} and ${originText(item.origin)}`,
        fix: "keep one of the two lines",
      }),
    ];
  });
}

function unmatchedChoice(
  key: string,
  change: ChoiceChange,
  overrides: GroupOverrides,
  builder: DefaultsTreeBuilder,
  repository: Repository,
): TtmError {
  const { word } = change;
  const near = keysFix(key, builder);
  if (word === null) {
    return configError("CONFIG_UNMATCHED_GROUP", `'override ${key}' matches no entry of the defaults list`, {
      where: originText(change.origin),
      fix: key.includes("/")
        ? `${near}; a group of the root is written with a slash: 'override /group: …'`
        : near,
    });
  }
  const options = repository.options(word.key);
  return configError("CONFIG_UNMATCHED_GROUP", `'${key}' is not in the defaults list`, {
    where: overridePlace({ ...word, total: overrides.total }, word.keySpan),
    fix:
      key === "hydra"
        ? noHydraGroup
        : `${near.startsWith("did") ? `${near} ` : ""}to add it: +${word.text}; '${word.key}' offers: ${list(options)}`,
  });
}

function keysFix(key: string, builder: DefaultsTreeBuilder): string {
  const [group = ""] = key.split("@");
  const sameGroup = [...(builder.keysOfGroup.get(group) ?? [])].sort();
  const own = [...builder.known.keys()].filter((known) => !known.startsWith("hydra/"));
  const near = sameGroup.length > 0 ? sameGroup : closestNames(key, own);
  if (near.length > 0) return `did you mean ${near.map((name) => `'${name}'`).join(" or ")}?`;
  return `the list has: ${list(own)}`;
}
