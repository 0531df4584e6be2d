import type { Random } from "../../core/index.ts";
import { addWaves, type Wave } from "./curves.ts";
import { chance, logUniform, weighted } from "./draws.ts";
import { moments } from "./noise.ts";

/** Fourier terms of a pattern, at most. */
const TERMS = 8;

type DrawPattern = (random: Random, length: number, period: number) => Float64Array;

const kinds: readonly [{ weight: number; draw: DrawPattern }, ...{ weight: number; draw: DrawPattern }[]] = [
  { weight: 45, draw: fourierPattern },
  { weight: 25, draw: squashedPattern },
  { weight: 30, draw: bumpyPattern },
];

/** A periodic curve of mean 0 and deviation 1 over the series; 0 where it is constant. */
export function drawPattern(random: Random, length: number, period: number): Float64Array {
  const pattern = weighted(random, kinds).draw(random, length, period);
  const { mean, deviation } = moments(pattern);
  const factor = deviation < 1e-9 ? 0 : 1 / deviation;
  return pattern.map((value) => factor * (value - mean));
}

/** Steps beyond which a cycle is smooth: a year of days, a day of five minutes. */
const LONG = 200;

/** Fourier terms with normal amplitudes that fall as k^−u, u uniform in [0.5, 2.5]; in [1.5, 4] where the cycle is long. */
function fourierPattern(random: Random, length: number, period: number): Float64Array {
  const decay = period > LONG ? random.uniform(1.5, 4) : random.uniform(0.5, 2.5);
  const count = Math.max(1, Math.min(TERMS, Math.floor(period / 2)));
  const terms = Array.from({ length: count }, (_, index): Wave => {
    const k = index + 1;
    const amplitude = random.normal() * k ** -decay;
    return { frequency: k / period, amplitude, phase: random.uniform(0, 2 * Math.PI) };
  });
  const pattern = new Float64Array(length);
  addWaves(pattern, terms);
  return pattern;
}

/** A Fourier pattern that saturates: day and night, on and off. */
function squashedPattern(random: Random, length: number, period: number): Float64Array {
  const pattern = fourierPattern(random, length, period);
  const gain = logUniform(random, 0.7, 8) / Math.max(moments(pattern).deviation, 1e-9);
  const shift = random.normal(0.7);
  return pattern.map((value) => Math.tanh(gain * value + shift));
}

/** One to four bumps a cycle, wide or narrow, on a flat ground: rush hours, sunshine, a weekly delivery. */
function bumpyPattern(random: Random, length: number, period: number): Float64Array {
  const bumps = Array.from({ length: random.integer(1, 4) }, () => ({
    height: random.normal() + (chance(random, 0.7) ? 1 : 0),
    at: random.uniform(0, period),
    sharpness: logUniform(random, 0.7, Math.max(1, (period / 8) ** 2)),
  }));
  const angle = (2 * Math.PI) / period;
  return cyclic(length, period, (t) =>
    bumps.reduce(
      (sum, { height, at, sharpness }) =>
        sum + height * Math.exp(sharpness * (Math.cos(angle * (t - at)) - 1)),
      0,
    ),
  );
}

/** A function of the place in the cycle, looked up where the period is whole. */
function cyclic(length: number, period: number, at: (t: number) => number): Float64Array {
  const known = Number.isInteger(period)
    ? Float64Array.from({ length: Math.min(period, length) }, (_, t) => at(t))
    : null;
  return Float64Array.from({ length }, (_, t) => (known ? (known[t % period] as number) : at(t)));
}
