import { TtmError } from "../../core/index.ts";
import { type Override, OverrideError, parseOverride } from "../grammar/index.ts";
import type { DefaultsListItem } from "./defaults-list.ts";
import type { DefaultsTreeBuilder } from "./defaults-tree.ts";
import type { GroupOverrides } from "./group-overrides.ts";
import type { Repository } from "./repository.ts";

/** A composition with faults, as far as it came. */
export interface Unfinished {
  readonly items: readonly DefaultsListItem[];
  readonly groups: GroupOverrides;
  readonly builder: DefaultsTreeBuilder;
  readonly repository: Repository;
}

/** Faults of one word or choice, which leave the rest of the config as it is. */
const ofWords: ReadonlySet<string> = new Set([
  "CONFIG_UNKNOWN_OPTION",
  "CONFIG_UNMATCHED_GROUP",
  "CONFIG_UNMATCHED_DELETION",
  "CONFIG_GROUP_VALUE",
  "CONFIG_FORCE_ADD_GROUP",
  "CONFIG_MANDATORY_CHOICE",
  "CONFIG_SWEEP_AMBIGUOUS",
  "CONFIG_SWEEP_NOT_MULTIRUN",
  "CONFIG_SWEEP_HYDRA",
]);

export function isOfWord(error: TtmError): boolean {
  return error instanceof OverrideError || ofWords.has(error.code);
}

/** `db` for `db.port` and for `db/sub`. */
export function firstPart(key: string): string {
  return /^[^./@]*/.exec(key)?.[0] ?? "";
}

/**
 * The first parts of the keys of which nothing certain is known, because a choice or a word that may have brought them has a fault;
 * "all" where any key may be of that kind.
 */
export function unsurePlaces(
  made: Unfinished,
  words: readonly (string | Override)[],
): ReadonlySet<string> | "all" {
  const { builder, groups, repository } = made;
  const unmatched = [...groups.changes].filter(([, { used }]) => !used).map(([key]) => key);
  const open = [...builder.unfilled, ...groups.refused, ...unmatched];
  if (open.some((key) => isGlobal(key, repository))) return "all";
  const broken = words.filter((word): word is string => typeof word === "string" && !parses(word));
  return new Set([
    ...open.flatMap(placesOf),
    ...broken.map((word) => firstPart(word.replace(/^[+~]*/, "").split("=")[0] ?? "")),
  ]);
}

/** Of an override key like `db@src`: the group's own place, and the package. */
function placesOf(key: string): string[] {
  return key.split("@").map(firstPart);
}

/** Options looked at: groups have fewer. */
const MOST_OPTIONS = 50;

/** Whether a group's options go to the root, as experiments do. */
function isGlobal(key: string, repository: Repository): boolean {
  const [group = "", place] = key.split("@");
  if (place === "_global_") return true;
  return repository
    .options(group)
    .slice(0, MOST_OPTIONS)
    .some((option) => {
      try {
        return repository.load(`${group}/${option}`)?.package?.startsWith("_global_") === true;
      } catch (error) {
        if (!(error instanceof TtmError)) throw error;
        return false;
      }
    });
}

function parses(word: string): boolean {
  try {
    parseOverride(word, 0);
    return true;
  } catch {
    return false;
  }
}
