import { isJsonObject, type JsonValue } from "../json-value.ts";
import type { RunView } from "./run-view.ts";

/**
 * The value that a path names in a run: `status`, `metrics.val_mse`, `params.training.learning_rate`; with `$` in front a JSONPath. Names
 * with dots in them are found as they are. Undefined where there is none; a list where a JSONPath finds several.
 */
export async function lookUp(run: RunView, path: string): Promise<JsonValue | undefined> {
  const tree: { [key: string]: JsonValue } = JSON.parse(JSON.stringify(run));
  if (!path.startsWith("$")) return valueAt(tree, path);
  const { JSONPath } = await import("jsonpath-plus");
  const found: JsonValue[] = JSONPath({ path, json: tree, eval: false }) ?? [];
  return found.length < 2 ? found[0] : found;
}

/** A map that has the whole rest of the path as a key comes before one that nests. */
function valueAt(tree: JsonValue, path: string): JsonValue | undefined {
  if (!isJsonObject(tree)) return undefined;
  if (Object.hasOwn(tree, path)) return tree[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const below = tree[path.slice(0, dot)];
    const value = below === undefined ? undefined : valueAt(below, path.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}
