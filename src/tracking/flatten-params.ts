import { isJsonObject, type JsonValue, toJsonValue } from "./json-value.ts";

/** Nested maps as one map with dotted keys (`a.b.c`); lists and empty maps are leaves. A map that is flat already stays as it is. */
export function flattenParams(params: Readonly<Record<string, unknown>>): Record<string, JsonValue> {
  const flat: Record<string, JsonValue> = {};
  const plain = toJsonValue(params);
  if (isJsonObject(plain)) addLeaves(flat, "", plain);
  return flat;
}

function addLeaves(flat: Record<string, JsonValue>, prefix: string, map: { [key: string]: JsonValue }): void {
  for (const [key, value] of Object.entries(map)) {
    const path = prefix + key;
    if (isJsonObject(value) && Object.keys(value).length > 0) addLeaves(flat, `${path}.`, value);
    else flat[path] = value;
  }
}

/** A leaf as the text a server keeps: numbers as JavaScript prints them, lists and maps as compact JSON with sorted keys. */
export function paramText(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
