import type { Composition, Node } from "../config/index.ts";
import { entry, isContainer, isMissing } from "../config/index.ts";

/**
 * A part of the composed config by key path: a value interpolated, a container as stored or, with `resolve`, with
 * everything in it interpolated. `???` is itself; undefined where the key is absent.
 *
 * @throws {ConfigError} where an interpolation on the way fails
 */
export function readConfig(composition: Composition, path: string, resolve = false): Node | undefined {
  const interpolator = composition.interpolator(isHydraPath(path) ? "all" : "task");
  const found = interpolator.select(path);
  if (found === undefined) return missingValue(composition, path);
  return resolve && isContainer(found.node) ? interpolator.resolveTree(found) : found.node;
}

/** Whether a key path leads into the hydra node. */
export function isHydraPath(path: string): boolean {
  return path === "hydra" || path.startsWith("hydra.");
}

/** The node at the path if it is `???`: `select` treats that as absent. */
function missingValue(composition: Composition, path: string): Node | undefined {
  const dot = path.lastIndexOf(".");
  const tree = composition.interpolator(isHydraPath(path) ? "all" : "task");
  const parent = dot === -1 ? tree.root : tree.select(path.slice(0, dot));
  const node = parent === undefined ? undefined : childOf(parent.node, path.slice(dot + 1));
  return node !== undefined && isMissing(node) ? node : undefined;
}

function childOf(node: Node, key: string): Node | undefined {
  if (node.kind === "map") return entry(node, key);
  return node.kind === "list" ? node.items[Number(key)] : undefined;
}
