import type { DictEntry, Element, PlainValue, Scalar } from "./ast.ts";
import { sweepWithin } from "./element-text.ts";
import { OverrideError } from "./errors.ts";

/**
 * The element as data: dicts as Maps, lists as arrays, quoted and interpolated text as strings.
 *
 * @throws {OverrideError} OVERRIDE_NOT_ENUMERABLE for a sweep, here or within; OVERRIDE_BAD_CALL for a list edit
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
    case "edit":
      throw new OverrideError(
        "OVERRIDE_BAD_CALL",
        `${element.edit}(…) changes a list and is no value of its own`,
        {
          fix: "write it as the whole value of a key that holds a list",
        },
      );
    default:
      throw sweepWithin(element.kind);
  }
}

function entryValue({ key, value }: DictEntry): [Scalar, PlainValue] {
  return [key, elementValue(value)];
}
