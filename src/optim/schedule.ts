/** Rate of one step, and the first beta where the schedule cycles it. */
export interface Rate {
  readonly learningRate: number;
  readonly beta1?: number | undefined;
}

/**
 * Rate of step `k`, counted from 0.
 *
 * @param losses  of the epochs that have ended, for a schedule that follows them
 */
export interface Schedule {
  (step: number, losses?: readonly number[]): Rate;
  /** Whether the rate depends on the losses, so that it cannot be written down before training. */
  readonly followsLosses?: boolean;
}

/** Always the same rate; where there is a warm-up, it rises linearly from 0 to it. */
export function constantSchedule(learningRate: number, warmupSteps = 0): Schedule {
  return (step) => ({
    learningRate: step < warmupSteps ? (learningRate * step) / warmupSteps : learningRate,
  });
}

export interface WarmupOptions {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** Rises linearly from 0 over the warm-up, then follows `shape` from 1 to 0. The first step has rate 0 where there is a warm-up. */
function warmup(
  { learningRate, warmupSteps, totalSteps }: WarmupOptions,
  shape: (progress: number) => number,
): Schedule {
  return (step) => {
    if (step < warmupSteps) return { learningRate: (learningRate * step) / Math.max(1, warmupSteps) };
    const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    return { learningRate: learningRate * Math.max(0, shape(progress)) };
  };
}

/** Linear warm-up, then half a cosine to 0 at `totalSteps`. @see transformers get_cosine_schedule_with_warmup */
export function cosineSchedule(options: WarmupOptions): Schedule {
  return warmup(options, (progress) => 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Linear warm-up, then a line to 0 at `totalSteps`. @see transformers get_linear_schedule_with_warmup */
export function linearSchedule(options: WarmupOptions): Schedule {
  return warmup(options, (progress) => 1 - progress);
}

export interface OneCycleOptions {
  readonly maxLearningRate: number;
  readonly totalSteps: number;
  /** Share of the steps in which the rate rises. */
  readonly warmupFraction?: number;
  /** The start is the maximum divided by this. */
  readonly divFactor?: number;
  /** The end is the start divided by this. */
  readonly finalDivFactor?: number;
  /** Bounds between which the first beta runs the other way; null leaves it alone. */
  readonly betaRange?: readonly [number, number] | null;
}

/**
 * One cycle: the rate rises along a cosine from max/25 to max over 30 % of the steps and falls to max/250,000;
 * the first beta falls from 0.95 to 0.85 and rises again. The knee, at 0.3·T − 1, is not rounded.
 *
 * @see Smith & Topin 2019; torch.optim.lr_scheduler.OneCycleLR
 */
export function oneCycleSchedule(options: OneCycleOptions): Schedule {
  const {
    maxLearningRate: high,
    totalSteps,
    warmupFraction = 0.3,
    divFactor = 25,
    finalDivFactor = 1e4,
  } = options;
  const betas = options.betaRange === undefined ? ([0.85, 0.95] as const) : options.betaRange;
  const start = high / divFactor;
  const knee = warmupFraction * totalSteps - 1;
  return (step) => {
    const rising = step <= knee;
    const fraction = rising ? (knee === 0 ? 1 : step / knee) : (step - knee) / (totalSteps - 1 - knee);
    const learningRate = rising
      ? between(start, high, fraction)
      : between(high, start / finalDivFactor, fraction);
    if (!betas) return { learningRate };
    const [low, top] = betas;
    return { learningRate, beta1: rising ? between(top, low, fraction) : between(low, top, fraction) };
  };
}

/** From a to b along half a cosine, at the given fraction of the way. */
function between(a: number, b: number, fraction: number): number {
  return b + (a - b) * 0.5 * (1 + Math.cos(Math.PI * fraction));
}
