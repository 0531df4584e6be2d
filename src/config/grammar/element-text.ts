import { floatRepr } from "../python-text.ts";
import type { Element, ListEdit, QuotedElement, Scalar } from "./ast.ts";
import { OverrideError } from "./errors.ts";

/**
 * The text form of a value, as a sweeper hands it on in a job's words: `null`, `True`, `1e-05`, a quoted
 * string in its own quotes, other text with its special characters escaped, `[a,b]`, `{k:v}`.
 *
 * Text that a function made (`str(1)`, `choice('1')`) has lost its quotes, so this form may read back with
 * another type; hand the element itself on where types matter.
 *
 * @throws {OverrideError} OVERRIDE_NOT_ENUMERABLE for a sweep, here or within
 */
export function elementText(element: Element): string {
  switch (element.kind) {
    case "scalar":
      return scalarText(element.value);
    case "interpolation":
      return escapeText(element.text);
    case "quoted":
      return quotedText(element);
    case "list":
      return `[${element.items.map(elementText).join(",")}]`;
    case "dict":
      return `{${element.entries.map(({ key, value }) => `${scalarText(key)}:${elementText(value)}`).join(",")}}`;
    case "edit":
      return editText(element, elementText);
    default:
      throw sweepWithin(element.kind);
  }
}

/** `append(x,y)`, `insert(1,x)`; each item as `text` writes it. */
export function editText({ edit, at, items }: ListEdit, text: (element: Element) => string): string {
  return `${edit}(${[...(at === null ? [] : [String(at)]), ...items.map(text)].join(",")})`;
}

/** The fault of a sweep where a single value is wanted. */
export function sweepWithin(kind: string): OverrideError {
  return new OverrideError("OVERRIDE_NOT_ENUMERABLE", `a ${kind} sweep stands where one value is wanted`, {
    fix: "write the sweep as the whole value of the override",
  });
}

function scalarText(value: Scalar): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return floatRepr(value);
  return typeof value === "bigint" ? String(value) : escapeText(value);
}

function escapeText(text: string): string {
  return text.replace(/[\\()[\]{}:=, \t]/g, "\\$&");
}

/** Backslashes are doubled only directly before the quote, or at the end; the quote itself gets one. */
function quotedText({ value, quote }: QuotedElement): string {
  const pattern = quote === "'" ? /(\\*)('|$)/g : /(\\*)("|$)/g;
  const inside = value.replace(pattern, (_, slashes: string, end: string) => {
    return slashes + slashes + (end === "" ? "" : `\\${end}`);
  });
  return quote + inside + quote;
}
