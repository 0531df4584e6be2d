import { didYouMean } from "../../core/index.ts";
import { configError } from "../errors.ts";
import type { Key, MapNode, Node, ScalarNode, ScalarValue } from "../node.ts";
import { isInterpolation, listNode, mapNode, scalarNode, setEntry } from "../node.ts";
import { originText } from "../origin.ts";
import { pythonStr } from "../python-text.ts";
import type { Shape } from "./hydra-shape.ts";

export interface TypedOptions {
  /** Keys that the shape does not have: refused, or left as they are. */
  readonly unknownKeys: "refuse" | "keep";
}

/**
 * A node as its shape wants it: `"1"` becomes an int, `5` a text.
 *
 * @param path  the dotted place, for errors
 * @throws {ConfigError} CONFIG_MERGE_KEY for an unknown key, CONFIG_MERGE_VALUE for what does not convert
 */
export function typedNode(node: Node, shape: Shape, path: string, options: TypedOptions): Node {
  if (shape === "any" || node.marker?.does === "delete") return node;
  const typed = typedWithin(node, shape, path, options);
  return node.marker === undefined ? typed : { ...typed, marker: node.marker };
}

function typedWithin(node: Node, shape: Exclude<Shape, "any">, path: string, options: TypedOptions): Node {
  if (node.kind === "scalar" && (node.value === "???" || isInterpolation(node))) return node;
  if (typeof shape === "string") return scalarOf(node, shape, path);
  if ("oneOf" in shape) return memberOf(node, shape.oneOf, path);
  if ("list" in shape) {
    if (node.kind !== "list") throw wrongValue(node, path, "a list");
    return listNode(
      node.items.map((item, index) => typedNode(item, shape.list, `${path}.${index}`, options)),
      node.origin,
    );
  }
  if (node.kind !== "map") throw wrongValue(node, path, "a map");
  return mapOf(node, shape, path, options);
}

function mapOf(node: MapNode, shape: Shape, path: string, options: TypedOptions): MapNode {
  const entries = new Map<Key, Node>();
  for (const [key, item] of node.entries) {
    const inner = innerShape(shape, key);
    if (inner === undefined && options.unknownKeys === "refuse") throw unknownKey(item, key, shape, path);
    setEntry(entries, key, typedNode(item, inner ?? "any", `${path}.${key}`, options));
  }
  return mapNode(entries, node.origin);
}

function innerShape(shape: Shape, key: Key): Shape | undefined {
  if (typeof shape === "string") return undefined;
  if ("map" in shape) return shape.map;
  if (!("fields" in shape) || typeof key !== "string") return undefined;
  return Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
}

function scalarOf(node: Node, shape: "str" | "str?" | "int" | "bool?", path: string): ScalarNode {
  const value = node.kind === "scalar" ? convert(node.value, shape) : undefined;
  if (value === undefined) throw wrongValue(node, path, names[shape]);
  return scalarNode(value, node.origin);
}

const names = {
  str: "a text",
  "str?": "a text or null",
  int: "an int",
  "bool?": "true, false or null",
} as const;

/** undefined where it does not convert. */
function convert(value: ScalarValue, shape: "str" | "str?" | "int" | "bool?"): ScalarValue | undefined {
  if (value === null) return shape.endsWith("?") ? null : undefined;
  if (value instanceof Uint8Array) return undefined;
  if (shape === "str" || shape === "str?") return pythonStr(value);
  return shape === "int" ? asInt(value) : asBool(value);
}

function asInt(value: ScalarValue): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value !== "string" || !/^\s*[+-]?\d+(?:_\d+)*\s*$/.test(value)) return undefined;
  return BigInt(value.replaceAll("_", "").trim().replace(/^\+/, ""));
}

function asBool(value: ScalarValue): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "bigint") return value !== 0n;
  if (typeof value !== "string") return undefined;
  if (/^(?:yes|on|y|true)$/i.test(value)) return true;
  if (/^(?:no|off|n|false)$/i.test(value)) return false;
  const number = asInt(value);
  return number === undefined ? undefined : number !== 0n;
}

/** An enum's member by name, with or without its class, or by its number from 1. */
function memberOf(node: Node, members: readonly string[], path: string): Node {
  const value = node.kind === "scalar" ? node.value : undefined;
  if (value === null) return node;
  const name = typeof value === "string" ? value.replace(/^RunMode\./, "") : members[Number(value) - 1];
  if (name !== undefined && members.includes(name) && typeof value !== "boolean")
    return scalarNode(name, node.origin);
  throw wrongValue(node, path, members.join(" or "));
}

function wrongValue(node: Node, path: string, wanted: string) {
  const isPlain = node.kind === "scalar" && !(node.value instanceof Uint8Array);
  const shown = isPlain ? pythonStr(node.value as Exclude<ScalarValue, Uint8Array>) : `a ${node.kind}`;
  return configError("CONFIG_MERGE_VALUE", `'${path}' must be ${wanted}, not ${shown}`, {
    where: originText(node.origin),
    fix: `give it ${wanted}`,
  });
}

function unknownKey(node: Node, key: Key, shape: Shape, path: string) {
  const known = typeof shape === "object" && "fields" in shape ? Object.keys(shape.fields) : [];
  return configError("CONFIG_MERGE_KEY", `'${path}' has no key '${key}'`, {
    where: originText(node.origin),
    fix: didYouMean(String(key), known) ?? `its keys are: ${known.join(", ")}`,
  });
}
