import type { PlainValue } from "../../grammar/ast.ts";
import { pythonStr } from "../../python-text.ts";
import { ExpressionFault } from "./ast.ts";
import { bounded, compare, isTrue, kindOf, numberOf } from "./operators.ts";

/** A function of expressions: how many arguments it takes, and what it gives. */
interface ExpressionFunction {
  readonly least: number;
  readonly most: number;
  readonly call: (args: readonly PlainValue[]) => PlainValue;
}

const many = Number.POSITIVE_INFINITY;

/** Every function: one row each. All are pure and take time in proportion to their arguments. */
export const expressionFunctions: ReadonlyMap<string, ExpressionFunction> = new Map<
  string,
  ExpressionFunction
>([
  ["abs", one((value) => (numeric(value) < 0 ? -numeric(value) : numeric(value)))],
  ["ceil", one((value) => whole(Math.ceil, value))],
  ["floor", one((value) => whole(Math.floor, value))],
  ["round", { least: 1, most: 2, call: ([value = null, digits = 0n]) => rounded(value, digits) }],
  ["min", { least: 1, most: many, call: (args) => extreme("<", args) }],
  ["max", { least: 1, most: many, call: (args) => extreme(">", args) }],
  ["sum", one((value) => listOf(value).map(numeric).reduce<bigint | number>(added, 0n))],
  ["len", one((value) => BigInt(sizeOf(value)))],
  ["bool", one(isTrue)],
  ["int", one(toInt)],
  ["float", one((value) => (typeof value === "string" ? textNumber(value) : Number(numeric(value))))],
  ["str", one((value) => shortText(pythonStr(value)))],
  ["lower", one((value) => textOf(value).toLowerCase())],
  ["upper", one((value) => textOf(value).toUpperCase())],
  ["keys", one((value) => [...mapOf(value).keys()])],
  ["values", one((value) => [...mapOf(value).values()])],
]);

function one(call: (value: PlainValue) => PlainValue): ExpressionFunction {
  return { least: 1, most: 1, call: ([value = null]) => call(value) };
}

function numeric(value: PlainValue): bigint | number {
  const number = numberOf(value);
  if (number === undefined) throw new ExpressionFault(`a number is wanted, not ${kindOf(value)}`);
  return number;
}

function added(a: bigint | number, b: bigint | number): bigint | number {
  return typeof a === "bigint" && typeof b === "bigint" ? a + b : Number(a) + Number(b);
}

function whole(round: (value: number) => number, value: PlainValue): bigint {
  const number = numeric(value);
  return typeof number === "bigint" ? number : finiteInt(round(number));
}

function finiteInt(value: number): bigint {
  if (!Number.isFinite(value)) throw new ExpressionFault("there is no int for inf and nan");
  return BigInt(value);
}

/** Half to even, as in Python: an int without digits, else a float with that many decimals. */
function rounded(value: PlainValue, digits: PlainValue): bigint | number {
  const number = numeric(value);
  if (typeof digits !== "bigint" || digits < 0n || digits > 100n) {
    throw new ExpressionFault("round() takes 0 to 100 digits");
  }
  if (typeof number === "bigint") return number;
  if (digits > 0n) return Number(number.toFixed(Number(digits)));
  const floor = Math.floor(number);
  const rest = number - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
  return finiteInt(up ? floor + 1 : floor);
}

/** Of several arguments, or of one list. */
function extreme(operator: "<" | ">", args: readonly PlainValue[]): PlainValue {
  const [first] = args;
  const items = args.length === 1 && first !== undefined ? listOf(first) : args;
  if (items.length === 0) throw new ExpressionFault("the list is empty");
  return items.reduce((best, item) => (compare(operator, item, best) ? item : best));
}

function toInt(value: PlainValue): bigint {
  if (typeof value !== "string") return whole(Math.trunc, value);
  if (value.length > 1000 || !/^\s*[+-]?[0-9]+\s*$/.test(value))
    throw new ExpressionFault("int() cannot read the text");
  return BigInt(value.trim().replace(/^\+/, ""));
}

function textNumber(text: string): number {
  const trimmed = text.trim();
  const found = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/.test(trimmed);
  if (text.length > 1000 || !found) throw new ExpressionFault("float() cannot read the text");
  return Number(trimmed);
}

function sizeOf(value: PlainValue): number {
  if (typeof value === "string") return [...value].length;
  return value instanceof Map ? value.size : listOf(value).length;
}

function shortText(text: string): string {
  return bounded(text, text.length);
}

function textOf(value: PlainValue): string {
  if (typeof value === "string") return value;
  throw new ExpressionFault(`a text is wanted, not ${kindOf(value)}`);
}

function listOf(value: PlainValue): readonly PlainValue[] {
  if (Array.isArray(value)) return value;
  throw new ExpressionFault(`a list is wanted, not ${kindOf(value)}`);
}

function mapOf(value: PlainValue): ReadonlyMap<PlainValue, PlainValue> {
  if (value instanceof Map) return value as ReadonlyMap<PlainValue, PlainValue>;
  throw new ExpressionFault(`a map is wanted, not ${kindOf(value)}`);
}
