import type { Composition, Node } from "../config/index.ts";
import { isMissing } from "../config/index.ts";

/**
 * A part of the composed config by key path: a value interpolated, a container as stored or, with `resolve`, with
 * everything in it interpolated. `???` is itself; undefined where the key is absent.
 *
 * @throws {ConfigError} where an interpolation on the way fails
 */
export function readConfig(composition: Composition, path: string, resolve = false): Node | undefined {
  if (resolve) return composition.read(path, true);
  const found = composition.interpolator(isHydraPath(path) ? "all" : "task").select(path);
  if (found !== undefined) return found.node;
  // `select` treats a ??? as absent.
  const stored = composition.read(path);
  return stored !== undefined && isMissing(stored) ? stored : undefined;
}

/** Whether a key path leads into the hydra node. */
export function isHydraPath(path: string): boolean {
  return path === "hydra" || path.startsWith("hydra.");
}
