import type { DictEntry, Element, PlainValue, Scalar } from "./ast.ts";
import { sweepWithin } from "./element-text.ts";

/**
 * The element as data: dicts as Maps, lists as arrays, quoted and interpolated text as strings.
 *
 * @throws {OverrideError} OVERRIDE_NOT_ENUMERABLE for a sweep, here or within
 */
export function elementValue(element: Element): PlainValue {
  switch (element.kind) {
    case "scalar":
    case "quoted":
      return element.value;
    case "interpolation":
      return element.text;
    case "list":
      return element.items.map(elementValue);
    case "dict":
      return new Map<Scalar, PlainValue>(element.entries.map(entryValue));
    default:
      throw sweepWithin(element.kind);
  }
}

function entryValue({ key, value }: DictEntry): [Scalar, PlainValue] {
  return [key, elementValue(value)];
}
