import type { Composition } from "../config/index.ts";

/**
 * Config groups and their options for a word: `mo` gives `model=`, `model=r` gives `model=r1`. A group with groups
 * below it and no options ends in `/`; one with both is bare. `+` and `~` may stand before the word.
 */
export function completeGroups(
  composition: Pick<Composition, "groups" | "groupOptions">,
  word: string,
): { readonly candidates: readonly string[]; readonly isExact: boolean } {
  const prefix = /^[+~]/.exec(word)?.[0] ?? "";
  const typed = word.slice(prefix.length);
  const equals = typed.lastIndexOf("=");
  if (equals !== -1) {
    const group = typed.slice(0, equals);
    const names = composition.groupOptions(group).map((option) => `${group}=${option}`);
    const matching = names.filter((name) => name.startsWith(typed));
    return { candidates: matching.map((name) => prefix + name), isExact: matching.includes(typed) };
  }
  const parent = typed.slice(0, typed.lastIndexOf("/") + 1);
  const groups = composition.groups();
  const children = groups.filter(
    (group) => group.startsWith(typed) && !group.slice(parent.length).includes("/"),
  );
  const candidates = children.flatMap((group) => groupForms(composition, groups, group, prefix));
  return { candidates: candidates.map((name) => prefix + name), isExact: false };
}

function groupForms(
  composition: Pick<Composition, "groupOptions">,
  groups: readonly string[],
  group: string,
  prefix: string,
): string[] {
  const hasOptions = composition.groupOptions(group).length > 0;
  const hasGroups = groups.some((other) => other.startsWith(`${group}/`));
  if (!hasOptions) return hasGroups ? [`${group}/`] : [];
  return [hasGroups || prefix === "~" ? group : `${group}=`];
}
