import { createRequire } from "node:module";
import type * as Library from "yaml";
import type { Alias, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";

const load = createRequire(import.meta.url);
let library: typeof Library | undefined;

/** The package that reads the whole of YAML, loaded when the first document needs it: loading it takes a while. */
export function yamlLibrary(): typeof Library {
  library ??= load("yaml") as typeof Library;
  return library;
}

export function isAlias(node: unknown): node is Alias {
  return yamlLibrary().isAlias(node);
}

export function isMap(node: unknown): node is YAMLMap {
  return yamlLibrary().isMap(node);
}

export function isPair(node: unknown): node is Pair {
  return yamlLibrary().isPair(node);
}

export function isScalar(node: unknown): node is Scalar {
  return yamlLibrary().isScalar(node);
}

export function isSeq(node: unknown): node is YAMLSeq {
  return yamlLibrary().isSeq(node);
}

/** How a scalar is written; the values are the package's. */
export const scalarStyle = {
  plain: "PLAIN",
  folded: "BLOCK_FOLDED",
  literal: "BLOCK_LITERAL",
} as const;
