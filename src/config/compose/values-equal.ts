import type { PlainValue } from "../grammar/index.ts";

/** Python's `==` on plain data: 1, 1.0 and true are equal, dicts whatever their order. */
export function valuesEqual(a: PlainValue, b: PlainValue): boolean {
  if (Array.isArray(a) || Array.isArray(b)) return listsEqual(a, b);
  if (a instanceof Map || b instanceof Map) return mapsEqual(a, b);
  if (isNumeric(a) && isNumeric(b)) return sameNumber(a, b);
  return a === b;
}

function isNumeric(value: PlainValue): value is number | bigint | boolean {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}

/** Exact: an int beyond 2^53 is not rounded to meet a float. */
function sameNumber(a: number | bigint | boolean, b: number | bigint | boolean): boolean {
  const [left, right] = [exact(a), exact(b)];
  return left === right;
}

function exact(value: number | bigint | boolean): number | bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value;
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
