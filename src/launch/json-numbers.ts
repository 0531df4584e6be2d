const words: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** JSON text; not-a-number and the infinities, which JSON lacks, become the texts "NaN", "Infinity", "-Infinity". */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value ?? null, forJson, indent);
}

/** A value read from such JSON, with its not-a-numbers again. */
export function withNumbers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withNumbers) as T;
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withNumbers(item)])) as T;
  }
  return (words.get(value) ?? value) as T;
}

function forJson(_key: string, item: unknown): unknown {
  if (typeof item === "bigint") return Number(item);
  return typeof item === "number" && !Number.isFinite(item) ? String(item) : item;
}
