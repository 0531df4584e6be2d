import type { Rate, Schedule } from "./schedule.ts";

export interface PlateauOptions {
  readonly learningRate: number;
  /** Steps in which the rate rises linearly from 0, before the losses count. */
  readonly warmupSteps?: number;
  /** What the rate is multiplied by. */
  readonly factor: number;
  /** Epochs without a better loss that are still waited for; after one more the rate falls. */
  readonly patience: number;
  /** A loss is better where it is below the best one times 1 − threshold. */
  readonly threshold: number;
  /** Epochs after a fall that do not count. */
  readonly cooldown: number;
  readonly minLearningRate: number;
}

/** A smaller change of the rate than this is not made. @see torch.optim.lr_scheduler.ReduceLROnPlateau, `eps` */
const LEAST_CHANGE = 1e-8;

/**
 * Lowers the rate where the epochs' losses stop falling. A pure function of the losses so far: a resumed run needs no other state.
 *
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau (mode min, relative threshold)
 */
export function plateauSchedule(options: PlateauOptions): Schedule {
  const { learningRate, warmupSteps = 0 } = options;
  let known: { readonly losses: number; readonly rate: Rate } | undefined;
  const schedule = (step: number, losses: readonly number[] = []): Rate => {
    if (step < warmupSteps) return { learningRate: (learningRate * step) / warmupSteps };
    if (known?.losses !== losses.length) known = { losses: losses.length, rate: rateAfter(losses, options) };
    return known.rate;
  };
  return Object.assign(schedule, { followsLosses: true });
}

function rateAfter(losses: readonly number[], options: PlateauOptions): Rate {
  const { factor, patience, threshold, cooldown, minLearningRate } = options;
  let learningRate = options.learningRate;
  let best = Number.POSITIVE_INFINITY;
  let [bad, resting] = [0, 0];
  for (const loss of losses) {
    if (loss < best * (1 - threshold)) [best, bad] = [loss, 0];
    else bad++;
    if (resting > 0) [resting, bad] = [resting - 1, 0];
    if (bad <= patience) continue;
    const lowered = Math.max(learningRate * factor, minLearningRate);
    if (learningRate - lowered > LEAST_CHANGE) learningRate = lowered;
    [resting, bad] = [cooldown, 0];
  }
  return { learningRate };
}
