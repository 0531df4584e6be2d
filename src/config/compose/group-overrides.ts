import type { TtmError } from "../../core/index.ts";
import { configError } from "../errors.ts";
import type { Override, PlainValue } from "../grammar/index.ts";
import { elementValue } from "../grammar/index.ts";
import { overridePlace } from "../grammar/place.ts";
import type { Origin } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import type { GroupEntry } from "./defaults-entry.ts";
import type { PlacedEntry } from "./placed-entry.ts";
import type { Repository } from "./repository.ts";

/** A choice that replaces the one written in a defaults list. */
export interface ChoiceChange {
  readonly choice: string | null | readonly string[];
  /** The command-line word, or null for an `override` line in a file. */
  readonly word: Override | null;
  /** The config with the `override` line. */
  readonly containing: string | null;
  /** The line's place. */
  readonly origin: Origin;
  /** From a config that the command line appended (`+experiment=x`), or from one below it. */
  readonly appended: boolean;
  used: boolean;
}

interface Deletion {
  readonly word: Override;
  readonly option: string | null;
  used: boolean;
}

/** The command line's words, sorted: those about groups, and the rest, which act on values. */
export class GroupOverrides {
  readonly changes = new Map<string, ChoiceChange>();
  readonly appends: GroupEntry[] = [];
  readonly deletions = new Map<string, Deletion>();
  readonly values: Override[] = [];
  /** Keys of groups' words that are no choice. */
  readonly refused: string[] = [];
  readonly total: number;

  constructor(overrides: readonly Override[], repository: Repository, faults: TtmError[], total: number) {
    this.total = total;
    for (const override of overrides) this.#sort(override, repository, faults);
  }

  #sort(override: Override, repository: Repository, faults: TtmError[]): void {
    const edits = override.value?.kind === "edit";
    if (edits && repository.isGroup(override.key)) {
      this.refused.push(override.key);
      faults.push(this.#noList(override));
    }
    if (edits && !repository.isGroup(override.key)) this.values.push(override);
    if (edits) return;
    const value = override.value === null ? null : elementValue(override.value);
    if (value instanceof Map || !repository.isGroup(override.key)) {
      this.values.push(override);
      return;
    }
    const fault = this.#groupOverride(override, value, repository);
    if (fault === undefined) return;
    this.refused.push(override.key);
    faults.push(fault);
  }

  #groupOverride(override: Override, value: PlainValue, repository: Repository): TtmError | undefined {
    const key = override.package === null ? override.key : `${override.key}@${override.package}`;
    if (override.kind === "force") {
      return configError("CONFIG_FORCE_ADD_GROUP", `'++' does not apply to the group '${override.key}'`, {
        where: this.#where(override, "key"),
        fix: `choose with '${override.text.slice(2)}', or append with '${override.text.slice(1)}'`,
      });
    }
    if (override.kind === "delete") return this.#deletion(override, key, value);
    const choice = choiceOf(value);
    if (choice === undefined) {
      const shown = value === null ? "null" : pythonStr(value);
      const offers = repository.options(override.key);
      return configError(
        "CONFIG_GROUP_VALUE",
        `the option of group '${override.key}' must be a name, not ${shown}`,
        {
          where: this.#where(override, "value"),
          fix: groupValueFix(override, value, shown, offers),
        },
      );
    }
    if (override.kind === "add") {
      this.appends.push({
        kind: "group",
        group: override.key,
        package: override.package,
        value: choice,
        optional: false,
        override: false,
        external: true,
        origin: this.#origin(override),
      });
      return undefined;
    }
    const origin = this.#origin(override);
    this.changes.set(key, { choice, word: override, containing: null, origin, appended: false, used: false });
    return undefined;
  }

  #noList(override: Override): TtmError {
    const what = `'${override.key}' is a group, whose options are chosen as a whole`;
    const fix = `write ${override.key}=[one,other], or append one with +${override.key}=one`;
    return configError("CONFIG_GROUP_VALUE", what, { where: this.#where(override, "value"), fix });
  }

  #deletion(override: Override, key: string, value: PlainValue): TtmError | undefined {
    if (value !== null && typeof value !== "string") {
      return configError("CONFIG_GROUP_VALUE", "a deletion names one option, or none", {
        where: this.#where(override, "value"),
        fix: `write '~${key}'`,
      });
    }
    this.deletions.set(key, { word: override, option: value, used: false });
    return undefined;
  }

  /** The change for an entry, marked as used. */
  changeOf(entry: PlacedEntry): ChoiceChange | undefined {
    if (entry.entry.kind !== "group") return undefined;
    const change = this.changes.get(entry.overrideKey);
    if (change !== undefined) change.used = true;
    return change;
  }

  /**
   * Notes an `override` line. The first to come stays, since outer configs come first; but a config that the command
   * line appended beats the files that were there before it.
   */
  register(entry: PlacedEntry, containing: string, appended: boolean): void {
    const key = entry.overrideKey;
    const known = this.changes.get(key);
    if (known !== undefined && (known.word !== null || known.appended || !appended)) return;
    this.changes.set(key, {
      choice: entry.choice,
      word: null,
      containing,
      origin: entry.origin,
      appended,
      used: false,
    });
  }

  /** Whether the command line deletes the entry; marks the deletion as used. */
  deletes(entry: PlacedEntry): boolean {
    if (entry.entry.kind !== "group") return false;
    const deletion = this.deletions.get(entry.overrideKey);
    if (deletion === undefined || (deletion.option !== null && deletion.option !== entry.name)) return false;
    deletion.used = true;
    return true;
  }

  #origin(override: Override): Origin {
    return { kind: "override", text: override.text, index: override.index, total: this.total };
  }

  #where(override: Override, part: "key" | "value") {
    const span = part === "key" ? override.keySpan : override.valueSpan;
    return overridePlace({ ...override, total: this.total }, span);
  }
}

function choiceOf(value: PlainValue): string | readonly string[] | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((item): item is string => typeof item === "string");
  return names.length === value.length ? names : undefined;
}

/** What to do instead of choosing or deleting `hydra`, which is a folder of groups and no choice. */
export const noHydraGroup =
  "its settings are changed one by one, as in hydra.run.dir=out; its groups are hydra/launcher and the like";

function groupValueFix(
  override: Override,
  value: PlainValue,
  shown: string,
  offers: readonly string[],
): string {
  const offer = `it offers: ${offers.join(", ") || "nothing"}`;
  if (override.key === "hydra") return noHydraGroup;
  if (value === null) return `leave the group out with '~${override.key}'; ${offer}`;
  if (value instanceof Map || Array.isArray(value)) return offer;
  return `quote it: ${override.key}="'${shown}'"; ${offer}`;
}
