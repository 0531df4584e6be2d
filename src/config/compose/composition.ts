import { Interpolator, type InterpolatorOptions } from "../interpolation/interpolator.ts";
import { splitKeyPath } from "../interpolation/key-path.ts";
import type { MapNode, Node } from "../node.ts";
import { entry, mapNode, withEntry, withoutEntry } from "../node.ts";
import type { Origin } from "../origin.ts";
import type { DefaultsListItem } from "./defaults-list.ts";
import type { DefaultsTree } from "./defaults-tree.ts";
import type { ConfigSource } from "./repository.ts";

/** One step of a composition. Trees share what a step does not change. */
export interface Step {
  /** The whole tree after it. */
  readonly tree: MapNode;
  readonly origin: Origin;
  /** The config of the defaults list that was merged; null for a word. */
  readonly item: DefaultsListItem | null;
}

/** A composed config. Nothing is interpolated yet. */
export interface Composition {
  /** The task's config, without `hydra`. */
  readonly config: MapNode;
  readonly hydra: MapNode;
  /** Both, in the order of composition. */
  readonly all: MapNode;
  /** Override key → option, for every group of the defaults list. */
  readonly choices: ReadonlyMap<string, string | null>;
  readonly defaultsList: readonly DefaultsListItem[];
  /** The trees of `hydra/config` and of the primary config. */
  readonly defaultsTrees: readonly DefaultsTree[];
  readonly searchPath: readonly ConfigSource[];
  /** The words as typed, the hydra node's apart. */
  readonly overrides: { readonly hydra: readonly string[]; readonly task: readonly string[] };
  /** The tree after each file and each value override, in order: what {@link explainKey} reads. */
  readonly steps: readonly Step[];
  /** What looks wrong, but need not be. */
  readonly warnings: readonly string[];
  /** Every group at any depth, sorted. */
  groups(): readonly string[];
  groupOptions(group: string): readonly string[];
  /** Reads the task's config from its root; `"all"` has the hydra node there too. */
  interpolator(tree?: "task" | "all", options?: InterpolatorOptions): Interpolator;
  /**
   * The node at a key path: as stored, or with everything in it interpolated. Paths into the hydra node start with
   * `hydra.`. Undefined where it is absent.
   */
  read(path: string, resolve?: boolean): Node | undefined;
  /** Both trees with everything interpolated; what depends on a `???` is one. */
  resolved(): { readonly config: MapNode; readonly hydra: MapNode };
}

export interface CompositionParts
  extends Omit<Composition, "config" | "hydra" | "interpolator" | "read" | "resolved"> {
  readonly interpolation: InterpolatorOptions;
}

const interpolations = new WeakMap<Composition, CompositionParts>();

export function makeComposition(parts: CompositionParts): Composition {
  const { all, interpolation, ...rest } = parts;
  const hydra = entry(all, "hydra");
  const config = withoutEntry(all, "hydra");
  const hydraMap = hydra?.kind === "map" ? hydra : mapNode(new Map(), all.origin);
  const composition: Composition = {
    ...rest,
    all,
    config,
    hydra: hydraMap,
    interpolator: (tree = "task", options = {}) => {
      return new Interpolator(tree === "all" ? all : config, { ...interpolation, hydra: all, ...options });
    },
    read: (path, resolve = false) => (resolve ? readResolved(composition, path) : readStored(all, path)),
    resolved: () => {
      const task = composition.interpolator("task", { keepMissing: true }).resolveTree();
      const reader = composition.interpolator("all", { keepMissing: true });
      const own = reader.resolveTree({ node: hydraMap, parent: reader.root, key: "hydra" });
      return { config: asMap(task, config), hydra: asMap(own, hydraMap) };
    },
  };
  interpolations.set(composition, parts);
  return composition;
}

/** The same composition with another hydra node: what is known only when a job starts. */
export function withHydra(composition: Composition, hydra: MapNode): Composition {
  const parts = interpolations.get(composition);
  if (parts === undefined) throw new TypeError("not made by compose()");
  return makeComposition({ ...parts, all: withEntry(parts.all, "hydra", hydra) });
}

/** When it was composed: what `${now:…}` reads. */
export function compositionClock(composition: Composition): Date {
  return interpolations.get(composition)?.interpolation.now ?? new Date();
}

/** The node at a key path; undefined where it is absent. */
export function readStored(root: MapNode, path: string): Node | undefined {
  return splitKeyPath(path).reduce<Node | undefined>((node, key) => {
    if (node?.kind === "map") return entry(node, key);
    return node?.kind === "list" && /^[0-9]+$/.test(key) ? node.items[Number(key)] : undefined;
  }, root);
}

function readResolved(composition: Composition, path: string): Node | undefined {
  const isHydra = path === "hydra" || path.startsWith("hydra.");
  const reader = composition.interpolator(isHydra ? "all" : "task", { keepMissing: true });
  const found = reader.select(path);
  return found === undefined ? readStored(composition.all, path) : reader.resolveTree(found);
}

function asMap(node: Node, otherwise: MapNode): MapNode {
  return node.kind === "map" ? node : otherwise;
}
