import type { Random } from "../../core/index.ts";
import { type Calendar, drawCalendar } from "./calendar.ts";
import { knottedCurve } from "./curves.ts";
import { chance, logNormal, logUniform } from "./draws.ts";
import { addLevelShifts, addSpikes, changeRegimes } from "./events.ts";
import { addGaussianProcess } from "./gaussian-process.ts";
import { addAutoregression, addRandomWalk, addScaled, addStochasticCycle } from "./noise.ts";
import { addSeasonalPart } from "./seasonal-part.ts";
import { transformValues } from "./transforms.ts";

/**
 * A synthetic series of `length` steps: a sum of parts that are there or not, each of its own size, then what measuring
 * does to it. The parts and their odds stand in docs/pretraining.md.
 */
export function drawSeries(random: Random, length: number): Float64Array {
  const values = new Float64Array(length);
  const calendar = drawCalendar(random);
  addSeasons(random, values, calendar);
  addTrends(random, values, calendar);
  addNoises(random, values, calendar);
  if (chance(random, 0.08)) changeRegimes(random, values);
  if (chance(random, 0.12)) addLevelShifts(random, values);
  if (chance(random, 0.2)) addSpikes(random, values);
  transformValues(random, values);
  return values;
}

function addSeasons(random: Random, values: Float64Array, { cycle, longer, others }: Calendar): void {
  if (chance(random, 0.85)) addSeasonalPart(random, values, { period: cycle, longer });
  if (longer !== null && chance(random, 0.25))
    addSeasonalPart(random, values, { period: cycle * longer, longer: null });
  for (const period of others)
    if (chance(random, 0.3)) addSeasonalPart(random, values, { period, longer: null });
}

function addTrends(random: Random, values: Float64Array, calendar: Calendar): void {
  const { length } = values;
  if (chance(random, 0.15)) addLine(values, random.normal(1.5));
  if (chance(random, 0.15)) {
    const every = logUniform(random, length / 12, length);
    addScaled(
      values,
      knottedCurve(random, length, { every, phi: 0.9, size: 1 }),
      logNormal(random, 0.7, 0.8),
    );
  }
  if (chance(random, 0.4)) addRandomWalk(random, values, logNormal(random, 0.8, 0.9));
  if (chance(random, 0.25)) {
    const { cycle, longer, others } = calendar;
    const periods = [cycle, ...others, ...(longer === null ? [] : [cycle * longer])];
    addGaussianProcess(random, values, { periods, size: logNormal(random, 0.6, 0.9) });
  }
}

function addLine(values: Float64Array, rise: number): void {
  const slope = rise / values.length;
  for (let t = 0; t < values.length; t++) (values[t] as number) += slope * t;
}

function addNoises(random: Random, values: Float64Array, { cycle }: Calendar): void {
  const { length } = values;
  if (chance(random, 0.85)) {
    const phi = Math.exp(-1 / logUniform(random, 1.5, 300));
    addAutoregression(random, values, { phi, size: logNormal(random, 0.6, 1) });
  }
  if (chance(random, 0.07)) {
    const period = Math.max(3, cycle * logUniform(random, 0.5, 2));
    const radius = 1 - logUniform(random, 0.002, 0.1);
    addStochasticCycle(random, values, { period, radius, size: logNormal(random, 0.6, 0.6) });
  }
  addAutoregression(random, values, {
    phi: random.uniform(0, 0.9),
    size: logNormal(random, 0.25, 1),
    heavy: chance(random, 0.25) ? random.uniform(0.2, 0.8) : 0,
    envelope: chance(random, 0.3) ? volatility(random, length, cycle) : undefined,
  });
}

/** A noise's size over time: the exponential of a slow curve. */
function volatility(random: Random, length: number, cycle: number): Float64Array {
  const every = Math.max(4, cycle * random.uniform(0.25, 4));
  return knottedCurve(random, length, { every, phi: 0.7, size: random.uniform(0.2, 0.8) }).map(Math.exp);
}
