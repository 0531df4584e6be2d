import { floatRepr } from "../python-text.ts";
import type { Element, Scalar, Span } from "./ast.ts";
import { isSweep } from "./ast.ts";
import { CallFault } from "./faults.ts";
import { kindName } from "./order.ts";

export type CastName = "int" | "float" | "str" | "bool";

interface Cast {
  readonly scalar: (value: Scalar) => Scalar;
  readonly text: (value: string) => Scalar;
}

/** What is done to one value. Text is read as Python's constructors read it. */
const casts: { readonly [Name in CastName]: Cast } = {
  int: { scalar: toInt, text: textToInt },
  float: { scalar: toFloat, text: textToFloat },
  str: { scalar: toText, text: (text) => text },
  bool: { scalar: toBool, text: textToBool },
};

/**
 * Casts an element and all in it: list items, dict values, a choice's items, the numbers of a range or an
 * interval. A cast choice or range loses its tags and its shuffle, an interval keeps its tags, as in Hydra.
 *
 * @throws {CallFault} where a value cannot be cast
 */
export function castElement(name: CastName, element: Element, text: string, span: Span): Element {
  const cast = casts[name];
  const again = (item: Element): Element => castElement(name, item, text, span);
  switch (element.kind) {
    case "scalar": {
      const { value } = element;
      const result = typeof value === "string" ? cast.text(value) : cast.scalar(value);
      return { kind: "scalar", value: result, text, span };
    }
    case "quoted":
      return { kind: "scalar", value: cast.text(element.value), text, span };
    case "interpolation":
      return { kind: "scalar", value: cast.text(element.text), text, span };
    case "list":
      return { ...element, items: element.items.map(again), span };
    case "dict":
      return {
        ...element,
        entries: element.entries.map(({ key, value }) => ({ key, value: again(value) })),
        span,
      };
    case "choice": {
      const items = element.items.map(again);
      if (items.some(isSweep)) throw new CallFault(`${name}() takes no sweep within a choice`);
      return { ...element, items, tags: [], shuffle: false, span };
    }
    case "range": {
      const { start, stop, step } = element;
      const numbers = {
        start: castNumber(name, start),
        stop: castNumber(name, stop),
        step: castNumber(name, step),
      };
      return { ...element, ...numbers, tags: [], shuffle: false, span };
    }
    case "interval":
      return { ...element, start: castNumber(name, element.start), end: castNumber(name, element.end), span };
    case "glob":
    case "edit":
      throw new CallFault(`${name}() takes no ${kindName(element)}`);
  }
}

function castNumber(name: CastName, value: bigint | number): bigint | number {
  if (name === "int") return toInt(value);
  if (name === "float") return toFloat(value);
  throw new CallFault(`a range or interval cannot be cast to ${name}`, {
    fix: "cast it with int(…) or float(…)",
  });
}

function toInt(value: Scalar): bigint {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "bigint") return value;
  if (typeof value !== "number") throw new CallFault("int() cannot read null");
  if (!Number.isFinite(value)) throw new CallFault(`${floatRepr(value)} is not a whole number`);
  return BigInt(Math.trunc(value));
}

/** Python's `float(value)` of a number or bool. */
export function toFloat(value: Scalar): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "bigint") throw new CallFault("float() cannot read null");
  const result = Number(value);
  if (!Number.isFinite(result)) throw new CallFault("the int is too large for a float");
  return result;
}

function toText(value: Scalar): string {
  if (value === null) throw new CallFault("str() cannot read null");
  return typeof value === "number" ? floatRepr(value) : String(value);
}

function toBool(value: Scalar): boolean {
  if (typeof value === "number") return value !== 0;
  return typeof value === "bigint" ? value !== 0n : value === true;
}

/** What Python strips from around a number; JavaScript's `\s` differs by a few control characters. */
const blank = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const digits = "[0-9](?:_?[0-9])*";
const intText = new RegExp(`^${blank}([+-]?${digits})${blank}$`);
const number = `(?:(?:${digits}(?:\\.(?:${digits})?)?|\\.${digits})(?:[eE][+-]?${digits})?)`;
const floatText = new RegExp(`^${blank}([+-]?)(${number}|inf(?:inity)?|nan)${blank}$`, "i");

function textToInt(text: string): bigint {
  const found = intText.exec(text)?.[1];
  if (found === undefined)
    throw new CallFault(`int() cannot read ${JSON.stringify(text)}`, {
      fix: "it reads digits, as in int('12')",
    });
  return BigInt(found.replaceAll("_", ""));
}

function textToFloat(text: string): number {
  const [, sign, found] = floatText.exec(text) ?? [];
  if (found === undefined)
    throw new CallFault(`float() cannot read ${JSON.stringify(text)}`, {
      fix: "it reads numbers, as in float('1e-4')",
    });
  const size = found.toLowerCase();
  if (size === "nan") return Number.NaN;
  const value = size.startsWith("inf") ? Infinity : Number(size.replaceAll("_", ""));
  return sign === "-" ? -value : value;
}

function textToBool(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") return lower === "true";
  throw new CallFault(`bool() cannot read ${JSON.stringify(text)}`, { fix: "it reads true and false only" });
}
