/** The value at a path of keys in parsed JSON, or undefined. */
export function readField(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

export function readList(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = readField(value, ...path);
  return Array.isArray(list) ? list : [];
}

export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  const text = readField(value, ...path);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** `[{key, value}]` as a map. */
export function readPairs(value: unknown, ...path: readonly string[]): Map<string, string> {
  return new Map(
    readList(value, ...path).map((pair) => [
      String(readField(pair, "key")),
      String(readField(pair, "value") ?? ""),
    ]),
  );
}
