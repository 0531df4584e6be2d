import { resolve } from "node:path";
import type { Composition, PlainValue } from "../config/index.ts";
import { nodeValue, pythonStr, resolveSetting } from "../config/index.ts";
import { LaunchError } from "./errors.ts";

/** A part of the hydra node, resolved, as data: `run.dir`, `job.env_set`. undefined where it is absent or `???`. */
export function hydraSetting(composition: Composition, path: string): PlainValue | undefined {
  return resolveSetting(composition, `hydra.${path}`);
}

/** The same as text; undefined where it is absent, `???` or null. */
export function hydraText(composition: Composition, path: string): string | undefined {
  const value = hydraSetting(composition, path);
  return value === undefined || value === null ? undefined : pythonStr(value);
}

/**
 * A part of the hydra node as a mapping; empty where it is absent or null.
 *
 * @throws {LaunchError} LAUNCH_SETTING where it is something else
 */
export function hydraMap(composition: Composition, path: string): ReadonlyMap<string, PlainValue> {
  const value = hydraSetting(composition, path);
  if (value === undefined || value === null) return new Map();
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]): [string, PlainValue] => [pythonStr(key), item]));
  }
  throw new LaunchError("LAUNCH_SETTING", `hydra.${path} must be a mapping, not ${pythonStr(value)}`, {
    where: `hydra.${path}`,
    fix: `hydra.${path}={key: value}`,
  });
}

export interface FolderSetting {
  /** Absolute. */
  readonly path: string;
  /** Whether the clock is in it: another moment would give another folder. */
  readonly isClocked: boolean;
}

/**
 * A folder setting as an absolute path.
 *
 * @throws {LaunchError} LAUNCH_SETTING where it is empty
 */
export function folderSetting(
  composition: Composition,
  path: "run.dir" | "sweep.dir",
  cwd: string,
): FolderSetting {
  const resolved = hydraText(composition, path);
  if (resolved === undefined || resolved === "") {
    throw new LaunchError("LAUNCH_SETTING", `hydra.${path} names no folder`, {
      where: `hydra.${path}`,
      fix: `hydra.${path}=outputs/my-run`,
    });
  }
  const elsewhen = composition.interpolator("all", { now: new Date(0) }).select(`hydra.${path}`);
  const isClocked = elsewhen !== undefined && pythonStr(nodeValue(elsewhen.node)) !== resolved;
  return { path: resolve(cwd, resolved), isClocked };
}
