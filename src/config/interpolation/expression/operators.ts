import type { PlainValue } from "../../grammar/ast.ts";
import { compareCodePoints } from "../../grammar/order.ts";
import type { ArithmeticOperator, CompareOperator } from "./ast.ts";
import { ExpressionFault } from "./ast.ts";

/** Ints beyond this many bits, and texts and lists beyond this many items, are slips (or attacks). */
const mostBits = 4096;
const mostItems = 100_000;

type Num = bigint | number;

/** The number that a value counts as: bools are 0 and 1; undefined for everything else. */
export function numberOf(value: PlainValue): Num | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : undefined;
}

/** What counts as true in Python: anything but null, false, 0 and what is empty. */
export function isTrue(value: PlainValue): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  const number = numberOf(value);
  return number === undefined ? value !== null && value !== "" : Number.isNaN(number) || Boolean(number);
}

/** What a user would call the value. */
export function kindOf(value: PlainValue): string {
  if (value === null) return "null";
  if (value instanceof Map) return "a map";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "a bool" : "a number";
}

/**
 * Python's arithmetic: an int is a bigint, `/` always gives a float, `//` and `%` round down.
 * `+` also joins two texts or two lists.
 *
 * @throws {ExpressionFault} for operands that do not go together, a division by 0, a result that is too large
 */
export function arithmetic(operator: ArithmeticOperator, left: PlainValue, right: PlainValue): PlainValue {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return calculated(operator, a, b);
  if (operator === "+" && typeof left === "string" && typeof right === "string") {
    return bounded(left + right, left.length + right.length);
  }
  if (operator === "+" && Array.isArray(left) && Array.isArray(right)) {
    bounded(left, left.length + right.length);
    return [...left, ...right];
  }
  const texts = typeof left === "string" || typeof right === "string";
  throw new ExpressionFault(
    `'${operator}' does not go with ${kindOf(left)} and ${kindOf(right)}`,
    texts && operator === "+" ? "make a text of it first: str(…)" : undefined,
  );
}

function calculated(operator: ArithmeticOperator, a: Num, b: Num): Num {
  if (operator === "/") return divided(a, b);
  if (operator === "**") return power(a, b);
  const result =
    typeof a === "bigint" && typeof b === "bigint"
      ? ints[operator](a, b)
      : floats[operator](Number(a), Number(b));
  return inRange(result);
}

type Simple = Exclude<ArithmeticOperator, "/" | "**">;

const ints: { readonly [Operator in Simple]: (a: bigint, b: bigint) => bigint } = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => (a - intModulo(a, b)) / b,
  "%": intModulo,
};

const floats: { readonly [Operator in Simple]: (a: number, b: number) => number } = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "//": (a, b) => Math.floor(a / nonZero(b)),
  "%": (a, b) => {
    const rest = a % nonZero(b);
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  },
};

/** With the divisor's sign, as in Python. */
function intModulo(a: bigint, b: bigint): bigint {
  const rest = a % nonZero(b);
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

function nonZero<N extends Num>(divisor: N): N {
  if (divisor === 0n || divisor === 0) throw new ExpressionFault("a division by 0");
  return divisor;
}

function divided(a: Num, b: Num): number {
  return Number(a) / Number(nonZero(b));
}

function power(a: Num, b: Num): Num {
  if (typeof a === "bigint" && typeof b === "bigint" && b >= 0n) {
    const bits = BigInt(a.toString(2).length) * b;
    if (bits > 2n * BigInt(mostBits))
      throw new ExpressionFault("the result of '**' is too large", "use floats: 2.0 ** 64");
    return inRange(a ** b);
  }
  const result = Number(a) ** Number(b);
  if (b < 0 && Number(a) === 0) throw new ExpressionFault("a division by 0");
  if (Number.isNaN(result) && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b))) {
    throw new ExpressionFault("a negative number has no root");
  }
  return result;
}

function inRange<N extends Num>(value: N): N {
  if (typeof value === "bigint" && BigInt.asIntN(mostBits, value) !== value) {
    throw new ExpressionFault(`an int of more than ${mostBits} bits`, "use floats");
  }
  return value;
}

/** The value, unless it would hold too much. */
export function bounded<Value>(value: Value, size: number): Value {
  if (size > mostItems) throw new ExpressionFault(`a text or list of more than ${mostItems} items`);
  return value;
}

/**
 * Python's comparisons: numbers by number, texts by code point; `==` of anything; `in` for lists, texts and the keys of maps.
 *
 * @throws {ExpressionFault} for an order of what has none
 */
export function compare(operator: CompareOperator, left: PlainValue, right: PlainValue): boolean {
  switch (operator) {
    case "==":
      return isEqual(left, right);
    case "!=":
      return !isEqual(left, right);
    case "in":
      return isIn(left, right);
    case "not in":
      return !isIn(left, right);
    default:
      return isOrdered(operator, left, right);
  }
}

function isEqual(left: PlainValue, right: PlainValue): boolean {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return a <= b && a >= b;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item: PlainValue, index) => isEqual(item, right[index]))
    );
  }
  if (left instanceof Map && right instanceof Map) {
    const keys = [...left.keys()];
    return (
      left.size === right.size &&
      keys.every((key) => right.has(key) && isEqual(left.get(key), right.get(key)))
    );
  }
  return left === right;
}

function isIn(item: PlainValue, container: PlainValue): boolean {
  if (Array.isArray(container)) return container.some((other: PlainValue) => isEqual(item, other));
  if (container instanceof Map) return [...container.keys()].some((key) => isEqual(item, key));
  if (typeof container === "string" && typeof item === "string") return container.includes(item);
  throw new ExpressionFault(`'in' does not go with ${kindOf(item)} and ${kindOf(container)}`);
}

function isOrdered(operator: "<" | "<=" | ">" | ">=", left: PlainValue, right: PlainValue): boolean {
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== undefined && b !== undefined) return holds(operator, a, b);
  if (typeof left === "string" && typeof right === "string") {
    return holds(operator, compareCodePoints(left, right), 0);
  }
  throw new ExpressionFault(`'${operator}' does not go with ${kindOf(left)} and ${kindOf(right)}`);
}

function holds(operator: "<" | "<=" | ">" | ">=", a: Num, b: Num): boolean {
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}
