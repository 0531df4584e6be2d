import { configError } from "../errors.ts";
import { Interpolator } from "../interpolation/interpolator.ts";
import type { Location } from "../interpolation/location.ts";
import type { ContainerNode, Key, MapNode, Node } from "../node.ts";
import { entry, isContainer, isInterpolation, isMissing, mapNode, setEntry } from "../node.ts";
import { originText } from "../origin.ts";
import { applyMarked } from "./apply-marked.ts";
import { Draft } from "./draft.ts";

export interface MergeOptions {
  /** Whose maps of the earlier tree are written to in place; without it that tree stays as it is. */
  readonly draft?: Draft | undefined;
  /** Refuse keys that are not there yet. */
  readonly struct?: boolean;
  /**
   * What reads an interpolation to a container, onto whose copy a map is merged.
   *
   * @param merged  the earlier tree, with what has been merged so far: as in Hydra, a key sees those before it
   */
  readonly interpolator?: (merged: ContainerNode) => Interpolator;
  /** Heed the markers (`!append`) of the later tree. Without this it must have none. */
  readonly markers?: boolean;
  /** Told what looks wrong, but need not be. */
  readonly warn?: (message: string) => void;
}

/**
 * Merges a later tree onto an earlier one: maps key by key, everything else replaced; `???` replaces nothing. Shares
 * what it does not change.
 *
 * @throws {ConfigError} CONFIG_MERGE_TYPE for a map and a list, CONFIG_MERGE_VALUE for a list change that does not fit, CONFIG_MERGE_KEY for a new key under `struct`
 */
export function merge(
  earlier: ContainerNode,
  later: ContainerNode,
  options: MergeOptions = {},
): ContainerNode {
  const root: Location = { node: earlier, parent: null, key: null };
  return new Merger(options).merged(root, later);
}

class Merger {
  readonly #options: MergeOptions;
  readonly #draft: Draft;
  /** The tree that is being made. */
  #root: ContainerNode | undefined;

  constructor(options: MergeOptions) {
    this.#options = options;
    this.#draft = options.draft ?? new Draft();
  }

  merged(at: Location, later: ContainerNode): ContainerNode {
    return this.#containers(at, later, undefined);
  }

  /** @param holder  what holds the container in the tree at hand; undefined for the root */
  #containers(at: Location, later: ContainerNode, holder: Map<Key, Node> | undefined): ContainerNode {
    const earlier = at.node;
    if (earlier.kind === "list" && later.kind === "list") return later;
    if (earlier.kind === "map" && later.kind === "map")
      return this.#maps({ ...at, node: earlier }, later, holder);
    const [one, other] = later.kind === "list" ? ["a list", "a map"] : ["a map", "a list"];
    throw configError("CONFIG_MERGE_TYPE", `${one} cannot be merged with ${other} ('${pathOf(at)}')`, {
      where: `${originText(later.origin)}; the other is from ${originText(earlier.origin)}`,
      fix: `make both ${one}, or both ${other}`,
    });
  }

  #maps(at: Location & { node: MapNode }, later: MapNode, holder: Map<Key, Node> | undefined): MapNode {
    const earlier = at.node;
    if (later.entries.size === 0) return earlier;
    const { struct, markers, warn } = this.#options;
    if (earlier.entries.size === 0 && !struct && !markers) return later;
    const { node: merged, entries } = this.#draft.open(earlier);
    // Interpolations are looked up in the tree as it is by then: the map stands in it before it is filled.
    if (holder === undefined) this.#root = merged;
    else if (at.key !== null) setEntry(holder, at.key, merged);
    const here = { ...at, node: merged };
    for (const [key, item] of later.entries) {
      const before = entry(merged, key);
      if (before === undefined && struct) throw unknownKey(at, key, earlier, item);
      const place = { node: before ?? item, parent: here, key };
      const target = markers && before !== undefined ? this.#target(place) : undefined;
      if (markers && isSettledAlone(target, item)) {
        applyMarked(entries, key, item, { before: target, path: pathOf(place), warn });
      } else {
        setEntry(entries, key, before === undefined ? item : this.#values(place, item, entries));
      }
    }
    return merged;
  }

  #values(at: Location, later: Node, holder: Map<Key, Node>): Node {
    if (later.kind === "scalar" && !isMissing(later) && !later.bare) return later;
    const earlier = this.#target(at);
    if (!isContainer(later)) {
      if (isMissing(later)) return earlier;
      if (isWiped(earlier, later)) this.#options.warn?.(wiped(at, earlier, later));
      return later;
    }
    return isContainer(earlier) ? this.#containers({ ...at, node: earlier }, later, holder) : later;
  }

  #interpolator(node: Node): Interpolator {
    const root = this.#root ?? mapNode(new Map(), node.origin);
    return this.#options.interpolator?.(root) ?? new Interpolator(root);
  }

  /** The node itself; for an interpolation that leads to a container, that container. */
  #target(at: Location): Node {
    if (!isInterpolation(at.node)) return at.node;
    try {
      const { node } = this.#interpolator(at.node).resolve(at);
      if (!isContainer(node)) return at.node;
      this.#draft.release(node);
      return node;
    } catch {
      // It may lead nowhere yet: then it is replaced like any value.
      return at.node;
    }
  }
}

/** Whether the markers in a value are carried out here, and not by a merge of two maps further down. */
function isSettledAlone(earlier: Node | undefined, later: Node): boolean {
  if (earlier === undefined || later.marker !== undefined) return true;
  return isContainer(later) && (!isContainer(earlier) || (later.kind === "list" && earlier.kind === "list"));
}

/** A `key:` with nothing behind it where a map or list was: rarely meant. */
function isWiped(earlier: Node, later: Node): boolean {
  const size =
    earlier.kind === "map" ? earlier.entries.size : earlier.kind === "list" ? earlier.items.length : 0;
  return size > 0 && later.kind === "scalar" && later.bare === true;
}

function wiped(at: Location, earlier: Node, later: Node): string {
  const key = String(at.key);
  const lost = `'${pathOf(at)}', which ${originText(earlier.origin)} gave`;
  const fix = `write '${key}: null' if that is meant, or take the line out`;
  return `${originText(later.origin)}: '${key}:' with nothing behind it erases ${lost}; ${fix}`;
}

function unknownKey(at: Location, key: Key, earlier: MapNode, item: Node) {
  const path = pathOf(at);
  const known = [...earlier.entries.keys()].join(", ") || "nothing";
  return configError("CONFIG_MERGE_KEY", `'${path === "" ? key : `${path}.${key}`}' is no known key`, {
    where: originText(item.origin),
    fix: `the keys there are: ${known}`,
  });
}

function pathOf(at: Location): string {
  if (at.parent === null) return "";
  const before = pathOf(at.parent);
  return before === "" ? String(at.key) : `${before}.${at.key}`;
}

/** Parts of a package, as deep as a file may nest. */
const DEEPEST_PACKAGE = 200;

/**
 * The content under its package: `a.b` puts it at `a: {b: …}`.
 *
 * @throws {ConfigError} CONFIG_DEFAULTS_INVALID for a package of more than 200 parts
 */
export function wrap(node: ContainerNode, pkg: string): ContainerNode {
  if (pkg === "") return node;
  const parts = pkg.split(".");
  if (parts.length > DEEPEST_PACKAGE) {
    const what = `a package has at most ${DEEPEST_PACKAGE} parts, not ${parts.length}`;
    throw configError("CONFIG_DEFAULTS_INVALID", what, {
      where: originText(node.origin),
      fix: "write a shorter package where the config is brought in",
    });
  }
  return parts.reduceRight<ContainerNode>(
    (inner, key) => mapNode(new Map([[key, inner]]), node.origin),
    node,
  );
}
