import type { PlainValue } from "../grammar/index.ts";

/** Python's `==` on plain data: 1, 1.0 and true are equal, dicts whatever their order. */
export function valuesEqual(a: PlainValue, b: PlainValue): boolean {
  if (Array.isArray(a) || Array.isArray(b)) return listsEqual(a, b);
  if (a instanceof Map || b instanceof Map) return mapsEqual(a, b);
  if (isNumeric(a) && isNumeric(b)) {
    // Loose equality compares a bigint with a number by value.
    return (typeof a === "boolean" ? Number(a) : a) == (typeof b === "boolean" ? Number(b) : b);
  }
  return a === b;
}

function isNumeric(value: PlainValue): value is number | bigint | boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

function listsEqual(a: PlainValue, b: PlainValue): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item: PlainValue, index) => valuesEqual(item, b[index]));
}

function mapsEqual(a: PlainValue, b: PlainValue): boolean {
  if (!(a instanceof Map && b instanceof Map) || a.size !== b.size) return false;
  const others = [...b.entries()] as [PlainValue, PlainValue][];
  return [...a.entries()].every(([key, value]: [PlainValue, PlainValue]) => {
    const other = others.find(([candidate]) => valuesEqual(candidate, key));
    return other !== undefined && valuesEqual(value, other[1]);
  });
}
