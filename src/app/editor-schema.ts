/** A JSON Schema, draft 2020-12, as data. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const DRAFT = "https://json-schema.org/draft/2020-12/schema";
/** Where the whole schema stands in one that is only a part of it, so that it can refer to itself. */
const ROOT = "__root";

/** What zod writes for an int's limits; says nothing to an editor. */
const SAFE = Number.MAX_SAFE_INTEGER;

/** A value that stands for another, or for one that is to come. */
const STAND_IN = "__stand_in";
const standIn: JsonSchema = {
  anyOf: [
    { type: "string", pattern: "\\$\\{", description: "an interpolation of another key" },
    { const: "???", description: "mandatory: to be given elsewhere" },
  ],
};

/** Keywords that describe a value rather than restrict it; editors show them. */
const descriptive = ["title", "description", "default", "deprecated", "examples"];

export interface EditorSchemaOptions {
  /** A file holds a part of the config: nothing in it is required. */
  readonly partial: boolean;
  /** Keys that a file may hold beside the config: `defaults`, and at the root `hydra`. */
  readonly fileKeys: readonly ("defaults" | "hydra")[];
}

/**
 * A validator's JSON Schema as one for config files: every value may also be an interpolation or `???`.
 *
 * @param schema  of the composed config, as `z.toJSONSchema` gives it
 */
export function editorSchema(schema: JsonSchema, options: EditorSchemaOptions): JsonSchema {
  const { $defs, $schema: _draft, ...rest } = schema;
  const relaxed = relax(rest, options);
  const top = withFileKeys(relaxed, options.fileKeys);
  const defs = isSchema($defs) ? mapValues($defs, (inner) => relax(inner, options)) : {};
  return { $schema: DRAFT, ...top, $defs: { ...defs, [STAND_IN]: standIn } };
}

/**
 * The part of a schema at a key path; undefined where the schema has nothing to say there. Where it offers several
 * shapes, all that have the key.
 */
export function schemaAt(schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  const { $defs, $schema: _draft, ...root } = schema;
  const found = path.reduce<readonly JsonSchema[]>(
    (places, key) => places.flatMap((place) => childrenAt(place, key, schema)),
    [root],
  );
  const [only] = found;
  if (only === undefined) return undefined;
  const part = found.length === 1 ? only : { anyOf: found };
  if (path.length === 0) return schema;
  const needsRoot = JSON.stringify([part, $defs]).includes('"$ref":"#"');
  const defs = { ...(isSchema($defs) ? $defs : {}), ...(needsRoot ? { [ROOT]: root } : {}) };
  const whole = Object.keys(defs).length > 0 ? { ...part, $defs: defs } : part;
  return needsRoot ? (renameRoot(whole) as JsonSchema) : whole;
}

function childrenAt(place: JsonSchema, key: string, root: JsonSchema): JsonSchema[] {
  const ref = place["$ref"];
  if (typeof ref === "string") {
    const target = ref === "#" ? root : ref.split("/").slice(1).reduce<unknown>(memberOf, root);
    return isSchema(target) ? childrenAt(target, key, root) : [];
  }
  const properties = place["properties"];
  const own = isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (isSchema(own)) return [own];
  const branches = [place["anyOf"], place["oneOf"], place["allOf"]].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  const found = branches.filter(isSchema).flatMap((branch) => childrenAt(branch, key, root));
  const others = place["additionalProperties"];
  return found.length === 0 && isSchema(others) && Object.keys(others).length > 0 ? [others] : found;
}

function memberOf(value: unknown, key: string): unknown {
  return isSchema(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function renameRoot(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameRoot);
  if (!isSchema(value)) return value;
  const copy = mapValues(value, renameRoot);
  return value["$ref"] === "#" ? { ...copy, $ref: `#/$defs/${ROOT}` } : copy;
}

/** The schema itself, with what is below it relaxed. */
function relax(schema: unknown, options: EditorSchemaOptions): JsonSchema {
  if (!isSchema(schema)) return {};
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const relaxed = relaxedKeyword(keyword, value, options);
    if (relaxed !== undefined) result[relaxed[0]] = relaxed[1];
  }
  return result;
}

function relaxedKeyword(
  keyword: string,
  value: unknown,
  options: EditorSchemaOptions,
): readonly [string, unknown] | undefined {
  const inside = (inner: unknown) => relax(inner, options);
  const loosened = (inner: unknown) => (isSchema(inner) ? loosen(inside(inner), options) : inner);
  switch (keyword) {
    case "required":
      return options.partial ? undefined : [keyword, value];
    case "minimum":
    case "maximum":
      return Math.abs(Number(value)) === SAFE ? undefined : [keyword, value];
    case "properties":
      return [keyword, isSchema(value) ? mapValues(value, loosened) : value];
    case "additionalProperties":
    case "items":
      return [keyword, loosened(value)];
    case "prefixItems":
      return [keyword, Array.isArray(value) ? value.map(loosened) : value];
    // A part of several shapes may fit more than one of them.
    case "oneOf":
    case "anyOf":
      return ["anyOf", Array.isArray(value) ? value.map(inside) : value];
    case "allOf":
      return [keyword, Array.isArray(value) ? value.map(inside) : value];
    default:
      return [keyword, value];
  }
}

/** A value's schema that allows an interpolation or `???` in its place, and in a file what stands behind a tag. */
function loosen(schema: JsonSchema, { partial }: EditorSchemaOptions): JsonSchema {
  const described: Record<string, unknown> = {};
  const restricted: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    (descriptive.includes(keyword) ? described : restricted)[keyword] = value;
  }
  const restricts = Object.keys(restricted).length > 0;
  const others = [...(partial ? taggedForms(restricted) : []), { $ref: `#/$defs/${STAND_IN}` }];
  return restricts ? { ...described, anyOf: [restricted, ...others] } : schema;
}

/** What a list or a map may look like behind `!append`, `!insert`, `!delete`: an editor does not see the tag itself. */
function taggedForms(schema: JsonSchema): JsonSchema[] {
  const { type, items } = schema;
  const deleted = { type: "null", description: "behind !delete" };
  if (type === "object") return [deleted];
  if (type !== "array") return [];
  const inserted = {
    description: "behind !insert",
    type: "object",
    properties: { at: { type: "integer" }, items: schema },
    required: ["at", "items"],
    additionalProperties: false,
  };
  return [deleted, inserted, ...(isSchema(items) ? [items] : [])];
}

const fileKeySchemas = {
  defaults: { description: "the configs that this one is composed from", type: ["array", "object"] },
  hydra: { description: "settings of the run itself", type: "object" },
} as const;

/** The schema with the keys that a file may hold beside the config itself. */
function withFileKeys(schema: JsonSchema, keys: EditorSchemaOptions["fileKeys"]): JsonSchema {
  const { properties, anyOf: branches } = schema;
  if (Array.isArray(branches))
    return { ...schema, anyOf: branches.map((branch) => withFileKeys(branch, keys)) };
  if (!isSchema(properties)) return schema;
  return {
    ...schema,
    properties: { ...Object.fromEntries(keys.map((key) => [key, fileKeySchemas[key]])), ...properties },
  };
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(record: JsonSchema, change: (value: unknown) => unknown): JsonSchema {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
