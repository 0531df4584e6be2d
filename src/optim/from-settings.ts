import { adamW } from "./adamw.ts";
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

/** The optimizer that settings name. */
export function createOptimizer(settings: OptimizerSettings): Optimizer {
  switch (settings.name) {
    case "adamw":
      return adamW({ betas: settings.betas, eps: settings.eps, weightDecay: settings.weight_decay });
    case "sgd":
      return sgd({
        momentum: settings.momentum,
        weightDecay: settings.weight_decay,
        nesterov: settings.nesterov,
      });
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
