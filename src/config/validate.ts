import type { z } from "zod";
import { didYouMean, type TtmError, throwAll } from "../core/index.ts";
import type { Composition } from "./compose/composition.ts";
import { type ConfigStore, isSchema } from "./compose/config-store.ts";
import { configError } from "./errors.ts";
import { expectation, offeredValues } from "./expectation.ts";
import type { MapNode, Node } from "./node.ts";
import { entry, isInterpolation } from "./node.ts";
import { originText } from "./origin.ts";
import { schemaKeys } from "./schema-keys.ts";
import { toPlain } from "./to-plain.ts";

const LONGEST_SHOWN = 60;

/**
 * Interpolates the task's config and checks it against a schema.
 *
 * @returns what the schema makes of it
 * @throws {ConfigError} CONFIG_INVALID_VALUE, CONFIG_UNKNOWN_KEY or CONFIG_MISSING_VALUE, each with the key, the value,
 *   what was expected and the file and line (or override word) that gave it; `TtmErrors` for several
 */
export function validate<Schema extends z.ZodType>(
  composition: Composition,
  schema: Schema,
): z.output<Schema> {
  const tree = composition.interpolator().resolveTree();
  const root = tree.kind === "map" ? tree : composition.config;
  return checkTree(root, schema, (path) => referencedKey(composition.config, path));
}

/** Checks a tree without interpolations against a schema, as {@link validate} does. */
export function validateTree<Schema extends z.ZodType>(root: MapNode, schema: Schema): z.output<Schema> {
  return checkTree(root, schema, () => undefined);
}

/**
 * Checks what stands in the place of each stored schema of the defaults list.
 *
 * @throws {ConfigError} as {@link validate}; a value that is still missing is not complained about
 */
export function validateStored(composition: Composition, store: ConfigStore): void {
  const placed = composition.steps.flatMap(({ item, origin }) => {
    const stored = item === null || origin.kind !== "engine" ? undefined : store[item.path];
    return item !== null && isSchema(stored) ? [{ schema: stored, path: keyPath(item.package) }] : [];
  });
  if (placed.length === 0) return;
  const tree = composition.interpolator().resolveTree();
  const root = tree.kind === "map" ? tree : composition.config;
  throwAll(placed.flatMap(({ schema, path }) => storedFaults(root, path, schema)));
}

function keyPath(pkg: string): string[] {
  return pkg === "" ? [] : pkg.split(".");
}

function storedFaults(root: MapNode, place: readonly string[], schema: z.ZodType): TtmError[] {
  const { node, depth } = deepest(root, place);
  if (depth < place.length) return [];
  const unset = new Set(missingValues(node, place).map(({ path }) => path.join(".")));
  const issues = schema.safeParse(toPlain(node)).error?.issues ?? [];
  return issues
    .map((issue): Issue => ({ ...issue, path: [...place, ...issue.path] }))
    .filter(({ path }) => !unset.has(path.join(".")))
    .flatMap((issue) => issueFaults(issue, root, (path) => schemaKeys(schema, path.slice(place.length))));
}

/** @param source  the key whose value stands at a path, too; a fault is told where the value was given, not where it is repeated */
function checkTree<Schema extends z.ZodType>(
  root: MapNode,
  schema: Schema,
  source: (path: readonly PropertyKey[]) => string | undefined,
): z.output<Schema> {
  const missing = missingValues(root, []);
  const result = schema.safeParse(toPlain(root));
  if (result.success && missing.length === 0) return result.data;
  const unset = new Set(missing.map(({ path }) => path.join(".")));
  const all = result.error?.issues ?? [];
  const faulty = new Set(all.map(({ path }) => path.join(".")));
  const issues = all.filter(({ path }) => {
    const from = source(path);
    return !unset.has(path.join(".")) && (from === undefined || !faulty.has(from));
  });
  const faults: TtmError[] = missing.map(missingFault);
  for (const issue of issues) {
    faults.push(...issueFaults(issue, root, (path) => schemaKeys(schema, path)));
  }
  throwAll(faults);
  throw new TypeError("a schema refused a config without saying why");
}

/** `${training.lora_rank}` at a path: `training.lora_rank`. */
function referencedKey(config: MapNode, path: readonly PropertyKey[]): string | undefined {
  const { node, depth } = deepest(config, path);
  if (depth !== path.length || !isInterpolation(node)) return undefined;
  return /^\$\{([\w.]+)\}$/.exec(node.value)?.[1];
}

interface Missing {
  readonly path: readonly string[];
  readonly node: Node;
}

function missingValues(node: Node, path: readonly string[]): Missing[] {
  if (node.kind === "scalar") return node.value === "???" ? [{ path, node }] : [];
  const children: [string, Node][] =
    node.kind === "list"
      ? node.items.map((item, index) => [String(index), item])
      : [...node.entries].map(([key, item]) => [String(key), item]);
  return children.flatMap(([key, child]) => missingValues(child, [...path, key]));
}

function missingFault({ path, node }: Missing): TtmError {
  const key = path.join(".");
  return configError("CONFIG_MISSING_VALUE", `'${key}' has no value`, {
    where: originText(node.origin),
    fix: `give it one: ${key}=VALUE`,
  });
}

type Issue = z.core.$ZodIssue;

function issueFaults(
  issue: Issue,
  root: MapNode,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): TtmError[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => unknownKey([...issue.path, key], root, known));
  }
  const key = issue.path.join(".") || "the config";
  const { node, depth } = deepest(root, issue.path);
  const present = depth === issue.path.length;
  const what = present
    ? `'${key}' is ${shown(node)}: ${expectation(issue)}`
    : `'${key}' is not given: ${expectation(issue)}`;
  const where = originText(node.origin);
  return [configError("CONFIG_INVALID_VALUE", what, { where, fix: valueFix(issue, key, present) })];
}

function unknownKey(path: readonly PropertyKey[], root: MapNode, known: readonly string[]): TtmError {
  const key = String(path.at(-1));
  const { node } = deepest(root, path);
  const parent = deepest(root, path.slice(0, -1)).node;
  const given =
    parent.kind === "map" ? [...parent.entries.keys()].map(String).filter((name) => name !== key) : [];
  const keys = known.length > 0 ? known : given;
  const near = didYouMean(key, keys);
  return configError("CONFIG_UNKNOWN_KEY", `'${path.join(".")}' is no key of this config`, {
    where: originText(node.origin),
    fix: near ?? leaveOut(node, keys),
  });
}

function leaveOut({ origin }: Node, keys: readonly string[]): string {
  const others = keys.length === 0 ? "" : `; the keys here are: ${keys.join(", ")}`;
  return `${origin.kind === "override" ? "leave the word out" : "take it out there"}${others}`;
}

/** The node at a path, or the last one on the way that is there. */
function deepest(root: Node, path: readonly PropertyKey[]): { node: Node; depth: number } {
  let node = root;
  for (const [depth, key] of path.entries()) {
    const next =
      node.kind === "map" ? childOf(node, key) : node.kind === "list" ? node.items[Number(key)] : undefined;
    if (next === undefined) return { node, depth };
    node = next;
  }
  return { node, depth: path.length };
}

/** Keys became text on the way to the schema. */
function childOf(node: MapNode, key: PropertyKey): Node | undefined {
  const direct = typeof key === "string" ? entry(node, key) : undefined;
  return direct ?? [...node.entries].find(([name]) => String(name) === String(key))?.[1];
}

function shown(node: Node): string {
  const text = JSON.stringify(toPlain(node), (_, value: unknown) =>
    typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))
      ? String(value)
      : value,
  );
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function valueFix(issue: Issue, key: string, present: boolean): string {
  const [first] = offeredValues(issue);
  if (first !== undefined) return `${present ? "" : "+"}${key}=${String(first)}`;
  return `correct it there, or on the command line: ${present ? "" : "+"}${key}=VALUE`;
}
