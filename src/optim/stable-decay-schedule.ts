import type { Schedule } from "./schedule.ts";

export interface StableDecayOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
  /** Share of the steps in which the rate falls, at the end. */
  readonly decayFraction: number;
}

/**
 * Linear warm-up from 0, then the same rate, at last a fall to 0 as 1 − √progress. What comes before the fall does not depend on
 * the number of steps, so training may be stopped there and go on with another number.
 *
 * @see Hägele et al. 2024, Scaling Laws and Compute-Optimal Training Beyond Fixed Training Durations
 */
export function stableDecaySchedule(options: StableDecayOptions): Schedule {
  const { learningRate, warmupSteps, totalSteps, decayFraction } = options;
  const decaySteps = Math.round(decayFraction * totalSteps);
  const knee = totalSteps - decaySteps;
  return (step) => {
    const rising = step < warmupSteps ? step / warmupSteps : 1;
    const falling = step < knee ? 1 : Math.max(0, 1 - Math.sqrt((step - knee) / Math.max(1, decaySteps)));
    return { learningRate: learningRate * Math.min(rising, falling) };
  };
}
