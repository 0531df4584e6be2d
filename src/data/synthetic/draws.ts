import type { Random } from "../../core/index.ts";

/** True with this probability. */
export function chance(random: Random, probability: number): boolean {
  return random.uniform() < probability;
}

/** exp of a normal: a positive size around `median`, two thirds of them within a factor of e^deviation. */
export function logNormal(random: Random, median: number, deviation: number): number {
  return median * Math.exp(random.normal(deviation));
}

/** Uniform on a logarithmic scale. */
export function logUniform(random: Random, low: number, high: number): number {
  return low * Math.exp(random.uniform() * Math.log(high / low));
}

/** One of the rows, as often as its weight says. */
export function weighted<Row extends { readonly weight: number }>(
  random: Random,
  rows: readonly [Row, ...Row[]],
): Row {
  let left = random.uniform() * rows.reduce((sum, { weight }) => sum + weight, 0);
  for (const row of rows) {
    left -= row.weight;
    if (left < 0) return row;
  }
  return rows[0];
}
