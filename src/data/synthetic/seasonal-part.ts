import type { Random } from "../../core/index.ts";
import { knottedCurve } from "./curves.ts";
import { drawPattern } from "./draw-pattern.ts";
import { chance, logNormal } from "./draws.ts";
import { addScaled } from "./noise.ts";

export interface SeasonalOptions {
  /** Steps. */
  readonly period: number;
  /** Cycles in the next longer one, whose days may differ; null where there is none. */
  readonly longer: number | null;
}

/**
 * Adds a repeating pattern, scaled to a log-normal size. Some patterns change over the series into another one, some swell and fade, and
 * the days of a week may differ: weekends, holidays.
 */
export function addSeasonalPart(
  random: Random,
  into: Float64Array,
  { period, longer }: SeasonalOptions,
): void {
  const { length } = into;
  const pattern = drawPattern(random, length, period);
  if (chance(random, 0.15)) turnInto(pattern, drawPattern(random, length, period), random);
  if (longer !== null && chance(random, 0.5)) {
    const other = chance(random, 0.5) ? drawPattern(random, length, period) : pattern;
    weightDays(random, pattern, other, { period, longer });
  }
  if (chance(random, 0.45)) swell(random, pattern, period);
  addScaled(into, pattern, logNormal(random, 1, 0.6));
}

/** From one pattern to another along a straight line somewhere in the series. */
function turnInto(pattern: Float64Array, other: Float64Array, random: Random): void {
  const [a, b] = [random.uniform(-0.5, 1), random.uniform(0, 1.5)];
  const [from, to] = [Math.min(a, b) * pattern.length, Math.max(a, b) * pattern.length + 1];
  for (let t = 0; t < pattern.length; t++) {
    const share = Math.min(1, Math.max(0, (t - from) / (to - from)));
    pattern[t] = (pattern[t] as number) * (1 - share) + (other[t] as number) * share;
  }
}

/**
 * Two days of seven (weekends) follow another pattern, or their own one damped, and lie at another level; or each day has its own
 * size. Now and then a working day is a holiday.
 */
function weightDays(
  random: Random,
  pattern: Float64Array,
  other: Float64Array,
  { period, longer }: { readonly period: number; readonly longer: number },
): void {
  const count = Math.max(2, Math.round(longer));
  const offset = Math.floor(random.uniform(0, period * count));
  const weekend = { size: random.uniform(0, 1.1), level: random.normal(0.6), off: true };
  const own = chance(random, 0.3);
  const days = Array.from({ length: count }, (_, day) => {
    if (own) return { size: Math.exp(random.normal(0.3)), level: random.normal(0.4), off: false };
    return day < Math.ceil(count / 4) ? weekend : { size: 1, level: 0, off: false };
  });
  const holidays = chance(random, 0.3) ? 0.03 : 0;
  let day = -1;
  let today = weekend;
  for (let t = 0; t < pattern.length; t++) {
    const now = Math.floor((t + offset) / period);
    if (now !== day) {
      day = now;
      today = chance(random, holidays) ? weekend : (days[day % count] as typeof weekend);
    }
    const value = (today.off ? other[t] : pattern[t]) as number;
    pattern[t] = value * today.size + today.level;
  }
}

/** A size of its own for each cycle. */
function swell(random: Random, pattern: Float64Array, period: number): void {
  const curve = knottedCurve(random, pattern.length, {
    every: Math.max(2, period) * (chance(random, 0.5) ? 1 : 4),
    phi: random.uniform(0, 0.95),
    size: random.uniform(0.05, 0.5),
  });
  for (let t = 0; t < pattern.length; t++) pattern[t] = (pattern[t] as number) * (1 + (curve[t] as number));
}
