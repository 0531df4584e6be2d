import type { Composition, QueryMatch } from "../config/index.ts";
import { engineOrigin, type Key, mapNode, type Node, queryTree, toPlain, toYaml } from "../config/index.ts";
import { AppError } from "./errors.ts";
import { shownTree } from "./print-config.ts";

export interface QueryOptions {
  /** Interpolate before the query. */
  readonly resolve: boolean;
  /** One JSON object instead of YAML. */
  readonly json: boolean;
}

/**
 * What `--query JSONPATH` prints: a YAML map (or with `json` one object) from the place of each match to what is there.
 *
 *     training.lr: 0.001
 *     model.head.lr: 0.01
 *
 * @throws {ConfigError} CONFIG_QUERY, {AppError} APP_NO_SUCH_KEY where nothing matches
 */
export async function queryText(
  composition: Composition,
  path: string,
  { resolve, json }: QueryOptions,
): Promise<string> {
  const tree = shownTree(composition, "job", resolve);
  const matches = await queryTree(tree, path);
  if (matches.length === 0) {
    throw new AppError("APP_NO_SUCH_KEY", `nothing in the config matches '${path}'`, {
      where: `--query ${path}`,
      fix: "--query '$..*' shows all keys",
    });
  }
  const found = mapNode(new Map(matches.map(entryOf)), engineOrigin("found by a query"));
  return json ? `${exactJson(toPlain(found))}\n` : toYaml(found);
}

function entryOf({ key, node }: QueryMatch): [Key, Node] {
  return [key === "" ? "$" : key, node];
}

/** JSON has numbers of any size; JavaScript's writer does not. NaN and the infinities, which JSON lacks, become texts. */
function exactJson(value: unknown): string {
  const mark = "\u0000int:";
  const shown = (_key: string, item: unknown) => {
    if (typeof item === "bigint") return `${mark}${item}`;
    return typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
  };
  return JSON.stringify(value, shown, 2).replace(/"\\u0000int:(-?\d+)"/g, "$1");
}
