import type { Random } from "../../core/index.ts";

/**
 * Adds an autoregressive process of order one, stationary from its first value on:
 *
 *     x_t = φ·x_{t−1} + √(1 − φ²)·e_t        with deviation `size`
 *
 * @param envelope  multiplies it step by step, where given
 */
export function addAutoregression(
  random: Random,
  into: Float64Array,
  { phi, size, heavy = 0, envelope }: AutoregressionOptions,
): void {
  const fresh = Math.sqrt(1 - phi * phi);
  let value = random.normal();
  for (let t = 0; t < into.length; t++) {
    (into[t] as number) += size * (envelope ? (envelope[t] as number) : 1) * value;
    const shock = random.normal();
    value = phi * value + fresh * (heavy > 0 ? shock * Math.exp(heavy * random.normal()) : shock);
  }
}

export interface AutoregressionOptions {
  /** 0 is white noise; −1 < φ < 1. */
  readonly phi: number;
  /** Standard deviation. */
  readonly size: number;
  /** Deviation of the logarithm of each shock's size: 0 is normal, 0.5 has heavy tails. */
  readonly heavy?: number;
  readonly envelope?: Float64Array | undefined;
}

/**
 * Adds an autoregressive process of order two with complex roots: a cycle that loses its phase.
 *
 *     x_t = 2r·cos(2π/period)·x_{t−1} − r²·x_{t−2} + e_t
 */
export function addStochasticCycle(
  random: Random,
  into: Float64Array,
  { period, radius, size }: { readonly period: number; readonly radius: number; readonly size: number },
): void {
  const first = 2 * radius * Math.cos((2 * Math.PI) / period);
  const second = -radius * radius;
  const warmup = Math.min(200, Math.ceil(3 / (1 - radius)));
  const values = new Float64Array(into.length);
  let [before, last] = [0, 0];
  for (let t = -warmup; t < values.length; t++) {
    const next = first * last + second * before + random.normal();
    [before, last] = [last, next];
    if (t >= 0) values[t] = next;
  }
  addScaled(into, values, size);
}

/** Adds a random walk, scaled to the deviation `size` over the series. */
export function addRandomWalk(random: Random, into: Float64Array, size: number): void {
  const values = new Float64Array(into.length);
  let value = 0;
  for (let t = 0; t < values.length; t++) {
    value += random.normal();
    values[t] = value;
  }
  addScaled(into, values, size);
}

/** Adds values, shifted to mean 0 and scaled to the deviation `size`; nothing where they are constant. */
export function addScaled(into: Float64Array, values: Float64Array, size: number): void {
  const { mean, deviation } = moments(values);
  if (deviation < 1e-9) return;
  const factor = size / deviation;
  for (let t = 0; t < into.length; t++) (into[t] as number) += factor * ((values[t] as number) - mean);
}

/** Mean and population deviation of values [from, to). */
export function moments(
  values: ArrayLike<number>,
  from = 0,
  to = values.length,
): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  const shift = values[from] as number;
  for (let t = from; t < to; t++) {
    const value = (values[t] as number) - shift;
    sum += value;
    squares += value * value;
  }
  const mean = sum / (to - from);
  return { mean: shift + mean, deviation: Math.sqrt(Math.max(0, squares / (to - from) - mean * mean)) };
}
