import type { TtmError } from "../../core/index.ts";
import { TtmError as AnyTtmError } from "../../core/index.ts";
import { ConfigError, configError } from "../errors.ts";
import { Interpolator } from "../interpolation/interpolator.ts";
import type { Resolver } from "../interpolation/resolver.ts";
import type { Key, Node } from "../node.ts";
import { mapNode, scalarNode } from "../node.ts";
import { engineOrigin, originText } from "../origin.ts";
import type { ConfigFile } from "./config-file.ts";
import type { ConfigEntry, DefaultsEntry } from "./defaults-entry.ts";
import * as faultsOf from "./defaults-faults.ts";
import type { GroupOverrides } from "./group-overrides.ts";
import { PlacedEntry, type Placement } from "./placed-entry.ts";
import { EMPTY_CONFIG, type Repository } from "./repository.ts";

/** A config with what its defaults list brings in, in order. Without children it is a leaf. */
export interface DefaultsTree {
  readonly entry: PlacedEntry;
  readonly parent: DefaultsTree | null;
  readonly children: readonly DefaultsTree[];
}

export interface TreeOptions {
  readonly repository: Repository;
  readonly overrides: GroupOverrides;
  /** Leave out mandatory choices that nobody made, as the first composition of a multirun does. */
  readonly allowMissingChoices: boolean;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly resolvers?: Readonly<Record<string, Resolver>> | undefined;
  /** Collects what is wrong; the tree goes on without the entry. */
  readonly faults: TtmError[];
}

const DEEPEST_REPEAT = 8;
/** Lines of all defaults lists together, those of a config that is brought in twice counted twice: far beyond any app. */
const MOST_ENTRIES = 10_000;
const ROOT: Placement = { group: "", package: "" };
const engine = engineOrigin("the engine");

interface Subtree {
  /** Reached through an interpolated entry, where `override` lines come too late. */
  readonly interpolated: boolean;
  /** Appended on the command line, or below such a config. */
  readonly appended: boolean;
}

type Mutable = { entry: PlacedEntry; parent: DefaultsTree | null; children: DefaultsTree[] };

/**
 * Builds the tree of defaults for Hydra's own config and the primary one, with every choice made.
 *
 * Lists are walked from their end: a later entry can so change, by `override`, what an earlier one chooses.
 */
export class DefaultsTreeBuilder {
  /** Choices met so far, by override key. */
  readonly known = new Map<string, string | null>();
  /** Override keys met so far, by group. */
  readonly keysOfGroup = new Map<string, Set<string>>();
  readonly #firstEntries = new Map<string, PlacedEntry>();
  /** Override keys of choices that brought nothing, by a fault of theirs. */
  readonly unfilled = new Set<string>();
  /** Configs of cycles that were told. */
  readonly #cyclic = new Set<string>();
  /** How many entries were expanded. */
  #size = 0;
  readonly #options: TreeOptions;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  /** The trees of `hydra/config` and of the primary config. */
  build(primary: string | null): readonly DefaultsTree[] {
    const own: DefaultsEntry = configEntry(primary ?? EMPTY_CONFIG);
    const plain = { interpolated: false, appended: false };
    // The primary first: its `override hydra/…` lines must be known when Hydra's own list is read.
    const primaryTree = this.#expand(new PlacedEntry(own, ROOT, true), null, plain);
    const hydraTree = this.#expand(new PlacedEntry(configEntry("hydra/config"), ROOT), null, plain);
    return [hydraTree, primaryTree];
  }

  #expand(entry: PlacedEntry, parent: DefaultsTree | null, subtree: Subtree): DefaultsTree {
    const tree: Mutable = { entry, parent, children: [] };
    if (this.#isFull(entry)) return tree;
    const file = this.#admit(entry, tree);
    if (file === undefined) return tree;
    const lines = this.#lines(entry, file);
    if (lines === undefined) return tree;
    const placement = { group: entry.groupPath, package: entry.package };
    const placed = lines.map((line) => new PlacedEntry(line, placement));
    this.#registerOverrides(placed, entry, subtree);
    this.#addChildren(placed, tree, subtree);
    return tree;
  }

  #isFull(entry: PlacedEntry): boolean {
    this.#size++;
    if (this.#size === MOST_ENTRIES + 1) this.#options.faults.push(faultsOf.tooMany(entry, MOST_ENTRIES));
    return this.#size > MOST_ENTRIES;
  }

  /** The entry's file, or undefined where nothing is to be loaded. */
  #admit(entry: PlacedEntry, tree: DefaultsTree): ConfigFile | undefined {
    const file = entry.name === null || entry.isMissing ? undefined : this.#load(entry);
    if (file !== undefined && file !== "broken") entry.header = file.package;
    if (this.#options.overrides.deletes(entry)) {
      entry.deleted = true;
      return undefined;
    }
    this.#note(entry);
    if (entry.name === null) return undefined;
    if (entry.isMissing) {
      this.#missingChoice(entry);
      return undefined;
    }
    if (file === "broken") return undefined;
    if (file === undefined) this.#absent(entry, tree);
    else if (this.#repeats(entry, tree)) return undefined;
    return file;
  }

  #load(entry: PlacedEntry): ConfigFile | "broken" | undefined {
    if (entry.primary && entry.configPath === EMPTY_CONFIG) {
      return {
        file: EMPTY_CONFIG,
        package: null,
        defaults: [],
        holdsMarkers: false,
        node: mapNode(new Map(), engine),
      };
    }
    try {
      return this.#options.repository.load(entry.configPath);
    } catch (error) {
      if (!(error instanceof AnyTtmError)) throw error;
      if (!this.#options.faults.includes(error)) this.#options.faults.push(error);
      return "broken";
    }
  }

  #note(entry: PlacedEntry): void {
    if (entry.entry.kind !== "group") return;
    const key = entry.overrideKey;
    const known = this.known.get(key);
    const first = this.#firstEntries.get(key);
    if (first === undefined) {
      this.known.set(key, entry.name);
      this.#firstEntries.set(key, entry);
    } else if (known !== entry.name) {
      this.#options.faults.push(faultsOf.twoChoices(entry, first));
    }
    const keys = this.keysOfGroup.get(entry.groupPath) ?? new Set();
    this.keysOfGroup.set(entry.groupPath, keys.add(key));
  }

  #missingChoice(entry: PlacedEntry): void {
    if (this.#options.allowMissingChoices) return;
    this.unfilled.add(entry.overrideKey);
    this.#options.faults.push(faultsOf.mandatoryChoice(entry, this.#options.repository));
  }

  #absent(entry: PlacedEntry, tree: DefaultsTree): void {
    entry.deleted = true;
    if (entry.entry.optional) return;
    this.unfilled.add(entry.overrideKey);
    const change = this.#options.overrides.changes.get(entry.entry.kind === "group" ? entry.overrideKey : "");
    const total = this.#options.overrides.total;
    this.#options.faults.push(
      faultsOf.absentConfig({ entry, parent: tree.parent, change, total }, this.#options.repository),
    );
  }

  #repeats(entry: PlacedEntry, tree: DefaultsTree): boolean {
    const path = entry.configPath;
    let times = 0;
    for (let at = tree.parent; at !== null; at = at.parent) if (at.entry.configPath === path) times++;
    if (times > 0 && this.#cyclic.has(path)) return true;
    if (times < DEEPEST_REPEAT) return false;
    const cycle = faultsOf.cyclePath(entry, tree);
    for (const member of cycle) this.#cyclic.add(member);
    this.#options.faults.push(faultsOf.cycle(entry, cycle));
    return true;
  }

  /** The file's list, with `_self_` where it is implied and what the command line appends; undefined for a leaf. */
  #lines(entry: PlacedEntry, file: ConfigFile): readonly DefaultsEntry[] | undefined {
    const appends = entry.primary ? this.#options.overrides.appends : [];
    if (file.defaults.length + appends.length === 0) return undefined;
    const selves = file.defaults.filter(isSelf);
    const [, second] = selves;
    if (second !== undefined) {
      const where = originText(second.origin);
      const what = `'_self_' is twice in the defaults list of '${entry.configPath}'`;
      this.#options.faults.push(
        configError("CONFIG_DUPLICATE_SELF", what, { where, fix: "keep one of the two" }),
      );
    }
    const brings = [...file.defaults, ...appends].some((line) => !(line.kind === "group" && line.override));
    const self = selves.length === 0 && brings ? [configEntry("_self_")] : [];
    return [...file.defaults, ...self, ...appends];
  }

  #registerOverrides(placed: readonly PlacedEntry[], containing: PlacedEntry, subtree: Subtree): void {
    let last: PlacedEntry | undefined;
    for (const line of placed) {
      if (line.isSelf) continue;
      const group = line.entry.kind === "group" ? line.entry : undefined;
      if (last !== undefined && !group?.override && !group?.external) {
        this.#options.faults.push(faultsOf.misplacedOverride(last, line));
        return;
      }
      if (!group?.override) continue;
      last = line;
      if (subtree.interpolated) {
        this.#options.faults.push(faultsOf.overrideInInterpolated(line, containing));
      } else {
        this.#options.overrides.register(line, containing.configPath, subtree.appended);
      }
    }
  }

  #addChildren(placed: readonly PlacedEntry[], tree: Mutable, subtree: Subtree): void {
    const backward: (DefaultsTree | { postponed: PlacedEntry; subtree: Subtree })[] = [];
    for (const line of placed.toReversed()) {
      if (line.entry.kind === "group" && line.entry.override) continue;
      if (line.isSelf) {
        backward.push({ entry: line, parent: tree, children: [] });
        continue;
      }
      const change = this.#options.overrides.changeOf(line);
      if (change !== undefined) {
        line.choice = change.choice;
        line.chosenBy = change.origin;
      }
      const external = line.entry.kind === "group" && line.entry.external;
      const below = { ...subtree, appended: subtree.appended || external };
      if (line.isMulti) {
        for (const single of this.#singles(line).toReversed())
          backward.push(this.#expand(single, tree, below));
      } else if (line.isInterpolated) {
        backward.push({ postponed: line, subtree: below });
      } else {
        backward.push(this.#expand(line, tree, below));
      }
    }
    const children = backward.map((child) => ("postponed" in child ? this.#resolved(child, tree) : child));
    tree.children = children.reverse();
  }

  /** One config entry for each option of a list; they have no override key of their own. */
  #singles(line: PlacedEntry): PlacedEntry[] {
    const { entry } = line;
    if (entry.kind !== "group" || typeof line.choice === "string" || line.choice === null) return [];
    return line.choice.flatMap((option) => {
      if (option.includes("${")) {
        this.#options.faults.push(faultsOf.interpolatedOption(line, option));
        return [];
      }
      const single = { ...configEntry(`${entry.group}/${option}`), package: entry.package };
      return [new PlacedEntry({ ...single, optional: entry.optional, origin: entry.origin }, line.placement)];
    });
  }

  #resolved(
    { postponed, subtree }: { postponed: PlacedEntry; subtree: Subtree },
    tree: DefaultsTree,
  ): DefaultsTree {
    const text = String(postponed.choice);
    try {
      postponed.choice = this.#interpolate(text, postponed);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#options.faults.push(faultsOf.interpolation(postponed, text, [...this.known.keys()], error));
      postponed.deleted = true;
      return { entry: postponed, parent: tree, children: [] };
    }
    return this.#expand(postponed, tree, { ...subtree, interpolated: true });
  }

  /** `${db}` in a list reads the choice made for the override key `db`. */
  #interpolate(text: string, entry: PlacedEntry): string {
    if (/\$\{defaults\./.test(text)) {
      throw configError("CONFIG_DEFAULTS_INVALID", "a reference to 'defaults.…' is an old form", {
        fix: "refer to the group itself",
      });
    }
    const entries = new Map<Key, Node>([["?", scalarNode(text, entry.origin)]]);
    for (const [key, choice] of this.known) entries.set(key, scalarNode(choice, engine));
    const { env, resolvers } = this.#options;
    const { node } = new Interpolator(mapNode(entries, engine), { env, resolvers }).select("?") ?? {};
    if (node?.kind === "scalar" && typeof node.value === "string") return node.value;
    throw configError("CONFIG_DEFAULTS_INTERPOLATION", "it stands for no name");
  }
}

function configEntry(path: string): ConfigEntry {
  return { kind: "config", path, package: null, optional: false, origin: engine };
}

function isSelf(entry: DefaultsEntry): boolean {
  return entry.kind === "config" && entry.path === "_self_";
}
