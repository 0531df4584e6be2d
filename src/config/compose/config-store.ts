import type { z } from "zod";
import { configError } from "../errors.ts";
import type { PlainValue } from "../grammar/ast.ts";
import { type Key, type MapNode, mapNode, type Node, nodeFromValue, scalarNode } from "../node.ts";
import { type EngineOrigin, engineOrigin } from "../origin.ts";
import { shapeOf } from "../schema-keys.ts";
import { toPlain } from "../to-plain.ts";
import { type ConfigFile, configContent } from "./config-file.ts";

/** What JSON can hold. */
export type StoredValue = null | boolean | number | string | readonly StoredValue[] | StoredMap;
export interface StoredMap {
  readonly [key: string]: StoredValue;
}

/**
 * Configs that a program registers under the names that files would have (`db/mysql`), as in Hydra's ConfigStore: a zod
 * object, whose defaults are the config and which checks what stands in its place in the end, or plain data.
 */
export type ConfigStore = Readonly<Record<string, z.ZodObject | StoredMap>>;

/** The stored configs, read as files would be. */
export function storedConfigs(store: ConfigStore): ReadonlyMap<string, ConfigFile> {
  return new Map(Object.entries(store).map(([name, stored]) => [name, storedConfig(name, stored)]));
}

/** The same store as plain data, for a process that does not start the program. */
export function storedData(store: ConfigStore): Record<string, StoredMap> {
  const configs = Object.entries(store).map(([name, stored]) => [name, toPlain(storedNode(name, stored))]);
  return Object.fromEntries(configs) as Record<string, StoredMap>;
}

/** Whether it checks what is composed. */
export function isSchema(stored: z.ZodObject | StoredMap | undefined): stored is z.ZodObject {
  return stored !== undefined && "safeParse" in stored && typeof stored["safeParse"] === "function";
}

function storedConfig(name: string, stored: z.ZodObject | StoredMap): ConfigFile {
  const about = { file: `structured://${name}`, package: null, holdsMarkers: false };
  return configContent(storedNode(name, stored), about);
}

function storedNode(name: string, stored: z.ZodObject | StoredMap): MapNode {
  const origin = engineOrigin(`the stored config '${name}'`);
  const node = isSchema(stored) ? schemaNode(stored, origin) : dataNode(stored, origin);
  if (node.kind === "map") return node;
  throw configError("CONFIG_NOT_A_CONFIG", `the stored config '${name}' must be a map`, {
    fix: "store an object, or a zod object",
  });
}

/** Each key with its default; `???` where one must be given; keys that may be absent are. */
function schemaNode(schema: unknown, origin: EngineOrigin): MapNode {
  const entries = new Map<Key, Node>();
  for (const [key, field] of Object.entries(shapeOf(schema) ?? {})) {
    const node = fieldNode(field as z.ZodType, origin);
    if (node !== undefined) entries.set(key, node);
  }
  return mapNode(entries, origin);
}

function fieldNode(field: z.ZodType, origin: EngineOrigin): Node | undefined {
  const given = field.safeParse(undefined);
  if (given.success)
    return given.data === undefined ? undefined : dataNode(given.data as StoredValue, origin);
  return shapeOf(field) === undefined ? scalarNode("???", origin) : schemaNode(field, origin);
}

function dataNode(value: StoredValue, origin: EngineOrigin): Node {
  return nodeFromValue(plainValue(value), origin);
}

/** Whole numbers are ints, as in a file. */
function plainValue(value: StoredValue): PlainValue {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: StoredValue) => plainValue(item));
  return new Map(Object.entries(value as StoredMap).map(([key, item]) => [key, plainValue(item)]));
}
