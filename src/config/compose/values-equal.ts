import { type PlainValue, type Scalar, scalarsEqual } from "../grammar/index.ts";

/** Python's `==` on plain data: 1, 1.0 and true are equal, dicts whatever their order. */
export function valuesEqual(a: PlainValue, b: PlainValue): boolean {
  if (isList(a) || isList(b)) return isList(a) && isList(b) && listsEqual(a, b);
  if (isMap(a) || isMap(b)) return isMap(a) && isMap(b) && mapsEqual(a, b);
  return scalarsEqual(a, b);
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function isMap(value: PlainValue): value is ReadonlyMap<Scalar, PlainValue> {
  return value instanceof Map;
}

function listsEqual(a: readonly PlainValue[], b: readonly PlainValue[]): boolean {
  return a.length === b.length && a.every((item, index) => valuesEqual(item, b[index] ?? null));
}

function mapsEqual(a: ReadonlyMap<Scalar, PlainValue>, b: ReadonlyMap<Scalar, PlainValue>): boolean {
  if (a.size !== b.size) return false;
  const others = [...b];
  return [...a].every(([key, value]) => {
    const other = others.find(([candidate]) => scalarsEqual(candidate, key));
    return other !== undefined && valuesEqual(value, other[1]);
  });
}
