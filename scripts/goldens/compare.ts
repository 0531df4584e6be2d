import type { CompareRule, GoldenCase } from "./case.ts";

/** Gradients far below their group's largest are only noise. */
const GRADIENT_FLOOR = 1e-3;
/** So are changes. */
const CHANGE_FLOOR = 1e-2;

/** Results under the names of the expected tensors. */
export type Results = ReadonlyMap<string, ArrayLike<number>>;

/**
 * Holds results against a case: every expected tensor that a rule's name matches must be there and satisfy
 * `max|got − expected| ≤ tolerance · scale`.
 *
 * @returns one sentence per tensor that does not
 */
export function compareResults(golden: GoldenCase, got: Results): string[] {
  return golden.compare.flatMap((rule) => {
    const names = [...golden.tensors.keys()].filter((name) => matches(rule.tensors, name));
    if (names.length === 0) return [`expected tensors named ${rule.tensors}, the case has none`];
    const scales = scalesOf(golden, rule, names);
    return names.flatMap((name, index) =>
      compareTensor(golden, rule, name, scales[index] ?? 0, got.get(name)),
    );
  });
}

/** A name with `*` for any characters. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(name);
}

function scalesOf(golden: GoldenCase, { tensors, scale }: CompareRule, names: readonly string[]): number[] {
  const own = names.map((name) => {
    const expected = valuesOf(golden, name);
    return scale === "max"
      ? largest(expected)
      : largestDifference(expected, valuesOf(golden, initialName(name)));
  });
  const gradient = tensors.includes(".grad.");
  const floor = scale === "change" ? CHANGE_FLOOR : gradient ? GRADIENT_FLOOR : 0;
  const top = Math.max(...own);
  return own.map((value) => Math.max(value, floor * top));
}

function compareTensor(
  golden: GoldenCase,
  { tolerance }: CompareRule,
  name: string,
  scale: number,
  got: ArrayLike<number> | undefined,
): string[] {
  const expected = valuesOf(golden, name);
  if (!got) return [`expected ${name}, got nothing`];
  if (got.length !== expected.length)
    return [`${name}: expected ${expected.length} values, got ${got.length}`];
  const worst = largestDifference(got, expected);
  if (worst <= tolerance * scale) return [];
  const index = expected.findIndex((value, at) => !(Math.abs((got[at] ?? Number.NaN) - value) < worst));
  return [
    `${name}: expected within ${tolerance} of the scale ${scale.toPrecision(3)}, got ${(worst / scale).toPrecision(3)} ` +
      `(value ${index}: expected ${expected[index]}, got ${got[index]})`,
  ];
}

function initialName(name: string): string {
  return name.replace(/^expected\.final\./, "initial.");
}

function valuesOf(golden: GoldenCase, name: string): Float64Array {
  const tensor = golden.tensors.get(name);
  if (!tensor) throw new Error(`the case has no tensor '${name}'`);
  return Float64Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

function largest(values: Float64Array): number {
  return values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
}

/** NaN where anything is not finite, and NaN is within no tolerance. */
function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let worst = 0;
  for (let index = 0; index < a.length; index++) {
    worst = Math.max(worst, Math.abs((a[index] ?? Number.NaN) - (b[index] ?? Number.NaN)));
  }
  return Number.isFinite(worst) ? worst : Number.NaN;
}
