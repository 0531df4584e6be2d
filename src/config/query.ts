import { configError } from "./errors.ts";
import type { MapNode, Node } from "./node.ts";
import { scalarNode } from "./node.ts";
import { engineOrigin } from "./origin.ts";
import { toPlain } from "./to-plain.ts";

/** One place that a query found. */
export interface QueryMatch {
  /** `training.betas[0]`; empty for the root. */
  readonly key: string;
  /** The node there; for `~` in the query (the key's own name) that name. */
  readonly node: Node;
}

interface Found {
  readonly pointer: string;
  readonly value: unknown;
}

/**
 * The places of a tree that a JSONPath names, such as `$.training..lr`, in the order of the tree.
 *
 * Filters and scripts, `[?(…)]` and `[(…)]`, are refused: a query never runs code.
 *
 * @throws {ConfigError} CONFIG_QUERY where the path is not one
 * @see RFC 9535 for the language; `jsonpath-plus` for what it adds (`^` parent, `~` name)
 */
export async function queryTree(root: MapNode, path: string): Promise<readonly QueryMatch[]> {
  if (!isBalanced(path)) throw badQuery(path, undefined);
  const { JSONPath } = await import("jsonpath-plus");
  const json = toPlain(root) as object;
  let found: readonly Found[];
  try {
    found = JSONPath({ path: withoutQuotesInUnions(path), json, resultType: "all", eval: false }) ?? [];
  } catch (cause) {
    throw badQuery(path, cause);
  }
  return found.map(({ pointer, value }) => matchAt(root, pointer, value));
}

/** Whether brackets and quotes close: the package answers with whatever it finds otherwise. */
function isBalanced(path: string): boolean {
  const bare = path.replace(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g, "x");
  return /^[^[\]'"]*(?:\[[^[\]'"]+\][^[\]'"]*)*$/.test(bare.replace(/\((?:[^()]*)\)/g, "()"));
}

/** `['a','b']`, as the standard writes it, as the package reads it: `[a,b]`. */
function withoutQuotesInUnions(path: string): string {
  return path.replace(/\[\s*(?:'[\w-]+'|"[\w-]+")(?:\s*,\s*(?:'[\w-]+'|"[\w-]+"))+\s*\]/g, (union) =>
    union.replace(/['"\s]/g, ""),
  );
}

function badQuery(path: string, cause: unknown) {
  const isCode = cause instanceof Error && cause.message.startsWith("Eval");
  const what = isCode ? "a query cannot hold a filter or a script" : `'${path}' is not a JSONPath`;
  const fix = "write keys, '*', '..' and indices: --query '$.training..lr'";
  return configError("CONFIG_QUERY", what, { where: `--query ${path}`, fix, cause });
}

function matchAt(root: Node, pointer: string, value: unknown): QueryMatch {
  const parts = pointer === "" ? [] : pointer.slice(1).split("/").map(unescapePointer);
  let node = root;
  let key = "";
  for (const part of parts) {
    const child = childAt(node, part);
    if (child === undefined) break;
    key = node.kind === "list" ? `${key}[${part}]` : key === "" ? part : `${key}.${part}`;
    node = child;
  }
  const isName = typeof value === "string" && value === parts.at(-1) && toPlain(node) !== value;
  return { key, node: isName ? scalarNode(value, engineOrigin("a key's name")) : node };
}

/** Keys became text on the way to the query. */
function childAt(node: Node, key: string): Node | undefined {
  if (node.kind === "list") return node.items[Number(key)];
  if (node.kind === "scalar") return undefined;
  return node.entries.get(key) ?? [...node.entries].find(([name]) => String(name) === key)?.[1];
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
