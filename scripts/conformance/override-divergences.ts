import { beyondHydra } from "./beyond-hydra.ts";
import { withoutQuotedParts, withStandIns } from "./edit-words.ts";
import type { OverrideAnswer, OverrideCase, Tagged } from "./override-answer.ts";
import { answerOf } from "./override-answer.ts";
import { taggedText } from "./tagged.ts";

/** Inputs where we answer otherwise than Hydra 1.3 on purpose. Anything outside these rules is a bug. */
export interface Divergence {
  readonly name: string;
  readonly reason: string;
  readonly applies: (item: OverrideCase) => boolean;
  /** What we answer instead; worked out here from the case, not by the code under test. */
  readonly promised: (item: OverrideCase) => OverrideAnswer;
}

export const divergences: readonly Divergence[] = [
  {
    name: "sorted-range",
    reason:
      "Hydra 1.3 mirrors a range around its stop, not its last value: values that it never had; 1.4's answer",
    applies: ({ input, expect }) => expect.value?.t === "range" && sortedRange(input) !== undefined,
    promised: ({ input, expect }) => {
      const found = sortedRange(input);
      const value = expect.value;
      if (found === undefined || value === undefined) return expect;
      return withRange(expect, value, found);
    },
  },
  {
    name: "range-bool",
    reason: "Hydra keeps true and false as the numbers of a range; we read them as 1 and 0",
    applies: ({ expect }) =>
      expect.value !== undefined && !sameText(expect.value, withoutBools(expect.value)),
    promised: ({ expect }) => {
      const value = expect.value === undefined ? undefined : withoutBools(expect.value);
      if (value?.t !== "range") return { ...expect, ...(value && { value }) };
      return withRange(expect, value, numbersOf(value));
    },
  },
  {
    name: "float-range",
    reason: "Hydra 1.3 adds binary fractions, with noise and an extra value; 1.4's decimal arithmetic",
    applies: ({ expect }) => expect.value?.t === "range" && isFloatRange(numbersOf(expect.value)),
    promised: ({ expect }) => {
      const value = expect.value;
      return value === undefined ? expect : withRange(expect, value, numbersOf(value));
    },
  },
  {
    ...beyondHydra.unquotedText,
    applies: ({ input, expect }) => isSyntaxFault(expect) && withStandIns(input).word !== input,
    promised: ({ input, expect }) => {
      const { word, restore } = withStandIns(input);
      return restore(answerOf(word, expect));
    },
  },
  {
    ...beyondHydra.extensions,
    applies: ({ input, expect }) =>
      expect.error?.kind === "override-function" && ownCall.test(withoutQuotedParts(input)),
    promised: ({ input, expect }) => editAnswer(input, expect),
  },
  {
    name: "glob-within",
    reason: "Hydra prints a glob within a value as a dict of its patterns; we refuse a sweep there",
    applies: ({ expect }) =>
      expect.value?.t !== "glob" && JSON.stringify(expect.value).includes('{"t":"glob"'),
    promised: ({ expect: { text, jobs, ...rest } }) => ({
      ...rest,
      ...(text !== undefined && { textError: "" }),
      ...(jobs !== undefined && { jobsError: "" }),
    }),
  },
  {
    name: "glob-number",
    reason: "Hydra takes a number in a list of patterns and fails when it is matched; we read it as text",
    applies: ({ expect }) => expect.value?.t === "glob" && !patternsOf(expect.value).every(isText),
    promised: ({ expect }) => {
      const value = expect.value ?? { t: "glob" };
      return {
        ...expect,
        value: { ...value, include: textsIn(value["include"]), exclude: textsIn(value["exclude"]) },
      };
    },
  },
];

const ownCall = /=\s*(append|extend_list|prepend|remove)\s*\(/;

function isSyntaxFault({ error }: OverrideAnswer): boolean {
  return error?.kind === "override-lexer" || error?.kind === "override-parser";
}

/** What the same word with the list `[…]` gives, as the change of a list: quotes around arguments fall away. */
function editAnswer(input: string, expect: OverrideAnswer): OverrideAnswer {
  const [, name = ""] = ownCall.exec(input) ?? [];
  const answer = answerOf(input.replace(ownCall, "=[").replace(/\)([^)]*)$/, "]$1"), expect);
  const items = answer.value?.["v"];
  if (!Array.isArray(items)) return answer.error?.kind === "override-syntax" ? answer : expect;
  const bare = items.map(({ quote: _, ...item }: Tagged & { quote?: string }): Tagged => item);
  if (bare.length === 0) return expect;
  const edit = name === "extend_list" ? "append" : name;
  return {
    ...answer,
    value: { t: edit, at: "null", v: bare },
    text: `${edit}(${bare.map(taggedText).join(",")})`,
  };
}

/** start, stop, step as they are written. */
type Triple = readonly [string, string, string];

function numbersOf(value: Tagged): Triple {
  return [numberIn(value["start"]), numberIn(value["stop"]), numberIn(value["step"])];
}

/** The value with the bools in its ranges as ints. */
function withoutBools<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value ?? null), (_, part: unknown) => {
    if (typeof part !== "object" || part === null || !("t" in part) || part.t !== "range") return part;
    const numbers = Object.entries(part).filter(([name]) => ["start", "stop", "step"].includes(name));
    return { ...part, ...Object.fromEntries(numbers.map(([name, number]) => [name, boolAsInt(number)])) };
  });
}

function boolAsInt(number: unknown): unknown {
  const isBool =
    typeof number === "object" && number !== null && "v" in number && typeof number.v === "boolean";
  return isBool ? { t: "int", v: String(Number(number.v)) } : number;
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function numberIn(tagged: unknown): string {
  if (typeof tagged !== "object" || tagged === null || !("v" in tagged)) return "nan";
  return String(tagged.v);
}

/** Of finite numbers, not all ints. */
function isFloatRange(numbers: Triple): boolean {
  return numbers.some(isFloat) && numbers.every(isFiniteNumber);
}

function isFiniteNumber(number: string): boolean {
  return number !== "" && Number.isFinite(Number(number));
}

function isFloat(number: string): boolean {
  return /[.en]/.test(number);
}

/**
 * The three numbers that `sort(…)`, `tag(…)`, `int(…)` and `float(…)` around one `range(…)` leave, found by
 * writing each inner call as `<start;stop;step>` until one such triple is all there is.
 */
function sortedRange(input: string): Triple | undefined {
  let text = input.slice(input.indexOf("=") + 1).replace(/\s/g, "");
  if (!/sort\(.*range\(/i.test(text)) return undefined;
  for (let before = ""; before !== text; ) {
    before = text;
    for (const [pattern, rewrite] of rewrites) {
      text = text.replace(pattern, (found: string, one: string, two?: string) => {
        const triple = rewrite(one, two);
        return triple === undefined ? found : `<${triple.join(";")}>`;
      });
    }
  }
  const triple = /^<([^<>]*)>$/.exec(text)?.[1]?.split(";");
  return triple === undefined ? undefined : tripleOf(triple);
}

const rewrites: readonly (readonly [RegExp, (one: string, two?: string) => Triple | undefined])[] = [
  [/range\(([^()<>]*)\)/i, (inside) => rangeArguments(inside)],
  [/tag\((?:[^()<>]*,)?(?:sweep=)?<([^<>]*)>\)/, (triple) => tripleOf(triple.split(";"))],
  [/int\(<([^<>]*)>\)/, (triple) => castTriple(triple, (value) => String(Math.trunc(value)))],
  [/float\(<([^<>]*)>\)/, (triple) => castTriple(triple, pythonNumber)],
  [/sort\((?:sweep=)?<([^<>]*)>(,reverse=(?:true|false))?\)/i, (triple, reverse) => sorted(triple, reverse)],
];

function tripleOf([start = "", stop = "", step = ""]: readonly string[]): Triple {
  return [start, stop, step];
}

function castTriple(triple: string, cast: (value: number) => string): Triple {
  return tripleOf(triple.split(";").map((number) => cast(Number(number))));
}

function rangeArguments(inside: string): Triple | undefined {
  const named = new Map<string, string>();
  for (const [index, argument] of inside.split(",").entries()) {
    const [first = "", second] = argument.split("=");
    if (second === undefined) named.set(["start", "stop", "step"][index] ?? "", first);
    else named.set(first, second);
  }
  const [one = "0", stop, step = "1"] = [named.get("start"), named.get("stop"), named.get("step")];
  return finite(stop === undefined || stop === "null" ? ["0", one, step] : [one, stop, step]);
}

function finite(triple: Triple): Triple | undefined {
  const plain = triple.map((number) => bools.get(number.toLowerCase()) ?? number.replaceAll("_", ""));
  if (!plain.every(isFiniteNumber)) return undefined;
  return tripleOf(
    plain.map((number) => (isFloat(number) ? pythonNumber(Number(number)) : String(BigInt(number)))),
  );
}

const bools: ReadonlyMap<string, string> = new Map([
  ["true", "1"],
  ["false", "0"],
]);

/** As 1.3 writes it where that gives the range's own values, else as 1.4. */
function sorted(written: string, reverse: string | undefined): Triple {
  const triple = tripleOf(written.split(";"));
  const [start, stop, step] = triple;
  const direction = Math.sign(Number(stop) - Number(start));
  if (direction !== (reverse?.toLowerCase() === ",reverse=true" ? 1 : -1)) return triple;
  const outward = direction > 0 === step.startsWith("-") ? step : negated(step);
  const values = valuesOf(triple);
  const guess = sum(stop, outward);
  const last = values.at(-1) ?? guess;
  const isRight = Number(last) === Number(guess);
  if (!isRight && values.length === 1) return triple;
  return [isRight ? guess : last, sum(start, outward), negated(step)];
}

function negated(number: string): string {
  if (Number(number) === 0)
    return isFloat(number) && !number.startsWith("-") ? `-${number}` : number.replace("-", "");
  return number.startsWith("-") ? number.slice(1) : `-${number}`;
}

function withRange(expect: OverrideAnswer, value: Tagged, triple: Triple): OverrideAnswer {
  const [start, stop, step] = triple.map((number) => ({ t: isFloat(number) ? "float" : "int", v: number }));
  const jobs = expect.jobs && (triple.every(isFiniteNumber) ? valuesOf(triple) : expect.jobs);
  return { ...expect, value: { ...value, start, stop, step }, ...(jobs && { jobs }) };
}

/** The range's values, counted in whole units of the finest decimal place among its numbers. */
function valuesOf(triple: Triple): string[] {
  const places = Math.max(...triple.map(placesOf));
  const [start = 0n, stop = 0n, step = 0n] = triple.map((number) => unitsOf(number, places));
  const values: string[] = [];
  const asFloat = triple.some(isFloat);
  for (let at = start; step !== 0n && (step > 0n ? at < stop : at > stop); at += step) {
    values.push(written(at, places, asFloat));
  }
  return values;
}

function sum(a: string, b: string): string {
  const places = Math.max(placesOf(a), placesOf(b));
  return written(unitsOf(a, places) + unitsOf(b, places), places, isFloat(a) || isFloat(b));
}

function placesOf(number: string): number {
  const [mantissa = "", exponent = "0"] = number.split("e");
  return Math.max(0, (mantissa.split(".")[1] ?? "").length - Number(exponent));
}

function unitsOf(number: string, places: number): bigint {
  const [mantissa = "", exponent = "0"] = number.split("e");
  const [whole = "", fraction = ""] = mantissa.replace(/^\+/, "").split(".");
  const shift = places + Number(exponent) - fraction.length;
  return BigInt(whole + fraction) * 10n ** BigInt(shift);
}

function written(units: bigint, places: number, asFloat: boolean): string {
  if (!asFloat) return String(units);
  const value = Number(`${units}e-${places}`);
  return pythonNumber(value);
}

/** Enough of Python's repr for the sizes that corpora hold. */
function pythonNumber(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

function patternsOf(value: Tagged): unknown[] {
  return [value["include"], value["exclude"]].flat();
}

function isText(pattern: unknown): boolean {
  return typeof pattern === "string";
}

function textsIn(patterns: unknown): string[] {
  return [patterns].flat().map((pattern) => String(pattern));
}
