export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };

/** `value` as plain JSON: map keys sorted, NaN and ±Infinity as text, dates and big integers as text, functions left out. */
export function toJsonValue(value: unknown): JsonValue {
  return convert(value, []);
}

function convert(value: unknown, above: readonly object[]): JsonValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object") return String(value);
  if (above.includes(value)) return "[circular]";
  if (hasToJson(value)) return convert(value.toJSON(), [...above, value]);
  const path = [...above, value];
  if (Array.isArray(value)) return value.map((item) => convert(item, path));
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(
    entries
      .filter(([, item]) => item !== undefined && typeof item !== "function")
      .map(([key, item]) => [String(key), convert(item, path)] as const)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

export function isJsonObject(value: unknown): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
