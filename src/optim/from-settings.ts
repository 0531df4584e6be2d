import { type AdafactorOptions, adafactor } from "./adafactor.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { lion } from "./lion.ts";
import type { Optimizer } from "./optimizer.ts";
import {
  constantSchedule,
  cosineSchedule,
  linearSchedule,
  oneCycleSchedule,
  type Schedule,
} from "./schedule.ts";
import type { OptimizerSettings, SchedulerSettings } from "./schema.ts";
import { sgd } from "./sgd.ts";

/**
 * The optimizer that settings name.
 *
 * @param slots  where each trained tensor lies in the flat vector, for those that look at matrices
 */
export function createOptimizer(
  settings: OptimizerSettings,
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
  switch (settings.name) {
    case "constant":
      return constantSchedule(learningRate);
    case "cosine":
    case "linear": {
      const make = settings.name === "cosine" ? cosineSchedule : linearSchedule;
      return make({
        learningRate,
        totalSteps,
        warmupSteps: Math.round(settings.warmup_fraction * totalSteps),
      });
    }
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
