import { isJsonObject, type JsonValue } from "./json-value.ts";

/** A number that JSON has no text for, in a tree of params. */
const NUMBER_KEY = "$number";

/**
 * Params as they were given, where flattening them loses something: maps that nest, NaN and ±Infinity (`{"$number": "NaN"}`), whole numbers
 * beyond 2^53 (`{"$number": "12345678901234567890"}`). Undefined where the flat form says everything.
 */
export function paramTree(
  params: Readonly<Record<string, unknown>>,
): Readonly<Record<string, JsonValue>> | undefined {
  const found = { nested: false };
  const tree = convert(params, found, []);
  return found.nested && isJsonObject(tree) ? tree : undefined;
}

function convert(value: unknown, found: { nested: boolean }, above: readonly object[]): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if ((typeof value === "number" && !Number.isFinite(value)) || typeof value === "bigint") {
    found.nested = true;
    return { [NUMBER_KEY]: String(value) };
  }
  if (typeof value === "number") return value;
  if (typeof value !== "object") return String(value);
  if (above.includes(value)) return "[circular]";
  if ("toJSON" in value && typeof value.toJSON === "function")
    return convert(value.toJSON(), found, [...above, value]);
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => convert(item, found, path));
  if (above.length > 0) found.nested = true;
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([, item]) => item !== undefined && typeof item !== "function")
      .map(([key, item]) => [String(key), convert(item, found, path)]),
  );
}

/** A leaf or branch of a tree as JSON text. `text` writes the numbers that JSON lacks. */
export function treeText(value: JsonValue, text: (number: string) => string): string {
  if (Array.isArray(value)) return `[${value.map((item) => treeText(item, text)).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const number = value[NUMBER_KEY];
  if (typeof number === "string" && Object.keys(value).length === 1) return text(number);
  const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${treeText(item, text)}`);
  return `{${fields.join(",")}}`;
}
