import type { Random } from "../../core/index.ts";
import { chance } from "./draws.ts";
import { moments } from "./noise.ts";

/** What measuring does to a process: it is positive, cut off, rounded, or upside down. Values are changed in place. */
export function transformValues(random: Random, values: Float64Array): void {
  if (chance(random, 0.12)) exponentiate(random, values);
  if (chance(random, 0.15)) cutBelow(values, random.uniform(0.02, 0.6));
  if (chance(random, 0.04)) cutAbove(values, random.uniform(0.7, 0.98));
  if (chance(random, 0.05)) round(values, random.uniform(0.05, 0.8));
  if (chance(random, 0.25)) for (let t = 0; t < values.length; t++) values[t] = -(values[t] as number);
}

/** A log-normal process: it swings more where it is high. */
function exponentiate(random: Random, values: Float64Array): void {
  const { mean, deviation } = moments(values);
  const steepness = random.uniform(0.2, 1) / Math.max(deviation, 1e-9);
  for (let t = 0; t < values.length; t++)
    values[t] = Math.exp(Math.min(4, steepness * ((values[t] as number) - mean)));
}

/** Nothing below a quantile, as of solar power or of demand. */
function cutBelow(values: Float64Array, share: number): void {
  const bound = quantile(values, share);
  for (let t = 0; t < values.length; t++) values[t] = Math.max(bound, values[t] as number);
}

/** Nothing above a quantile, as of a machine at its limit. */
function cutAbove(values: Float64Array, share: number): void {
  const bound = quantile(values, share);
  for (let t = 0; t < values.length; t++) values[t] = Math.min(bound, values[t] as number);
}

/** Whole steps of an instrument, or counts. */
function round(values: Float64Array, share: number): void {
  const step = share * moments(values).deviation;
  if (step < 1e-9) return;
  for (let t = 0; t < values.length; t++) values[t] = step * Math.round((values[t] as number) / step);
}

function quantile(values: Float64Array, share: number): number {
  return values.slice().sort()[Math.floor(share * (values.length - 1))] as number;
}
