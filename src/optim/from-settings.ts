import { type AdafactorOptions, adafactor } from "./adafactor.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { lion } from "./lion.ts";
import type { Optimizer } from "./optimizer.ts";
import { plateauSchedule } from "./plateau-schedule.ts";
import {
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  oneCycleSchedule,
  type Schedule,
} from "./schedule.ts";
import type { OptimizerSettings, SchedulerSettings } from "./schema.ts";
import { sgd } from "./sgd.ts";
import { stableDecaySchedule } from "./stable-decay-schedule.ts";

/** Settings of an optimizer alone, without its parameter groups. */
type Ungrouped<Settings> = Settings extends unknown ? Omit<Settings, "groups" | "decay_on"> : never;

/**
 * The optimizer that settings name.
 *
 * @param slots  where each trained tensor lies in the flat vector, for those that look at matrices
 */
export function createOptimizer(
  settings: Ungrouped<OptimizerSettings>,
  slots: AdafactorOptions["slots"] = [],
): Optimizer {
  const weightDecay = settings.weight_decay;
  switch (settings.name) {
    case "adafactor": {
      const { decay_rate: decayRate, eps, clip_threshold: clipThreshold } = settings;
      return adafactor({ decayRate, eps, clipThreshold, weightDecay, slots });
    }
    case "adam":
      return adam({ betas: settings.betas, eps: settings.eps, weightDecay });
    case "adamw":
      return adamW({ betas: settings.betas, eps: settings.eps, weightDecay });
    case "lion":
      return lion({ betas: settings.betas, weightDecay });
    case "sgd":
      return sgd({ momentum: settings.momentum, weightDecay, nesterov: settings.nesterov });
  }
}

/** The schedule that settings name, over `totalSteps` optimizer steps. */
export function createSchedule(
  settings: SchedulerSettings,
  learningRate: number,
  totalSteps: number,
): Schedule {
  const warmupSteps = warmupStepsOf(settings, totalSteps);
  switch (settings.name) {
    case "constant":
      return constantSchedule(learningRate, warmupSteps);
    case "cosine":
      return cosineSchedule({ learningRate, totalSteps, warmupSteps });
    case "linear":
      return linearSchedule({ learningRate, totalSteps, warmupSteps });
    case "plateau": {
      const { factor, patience, threshold, cooldown, min_learning_rate: minLearningRate } = settings;
      return plateauSchedule({
        learningRate,
        warmupSteps,
        factor,
        patience,
        threshold,
        cooldown,
        minLearningRate,
      });
    }
    case "stable_decay":
      return stableDecaySchedule({
        learningRate,
        totalSteps,
        warmupSteps,
        decayFraction: settings.decay_fraction,
      });
    case "one_cycle":
      return oneCycleSchedule({
        maxLearningRate: learningRate,
        totalSteps,
        warmupFraction: settings.warmup_fraction,
        divFactor: settings.div_factor,
        finalDivFactor: settings.final_div_factor,
        betaRange: settings.beta_range,
      });
  }
}

function warmupStepsOf(settings: SchedulerSettings, totalSteps: number): number {
  return settings.name === "stable_decay"
    ? settings.warmup_steps
    : Math.round(settings.warmup_fraction * totalSteps);
}
