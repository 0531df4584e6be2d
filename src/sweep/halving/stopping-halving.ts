import type { PointReport } from "../sweeper.ts";
import type { PruneDecision, Pruner } from "./pruner.ts";
import { shown } from "./pruner.ts";
import type { HalvingSettings } from "./successive-halving.ts";

export interface StoppingSettings extends HalvingSettings {
  /** A trial that comes so far is complete. */
  readonly maxResource: number;
  /** What not-a-number does: "stop" at once, or nothing, as in Ray Tune. */
  readonly onNan: "stop" | "continue";
}

/**
 * The stopping form of asynchronous successive halving, as Ray Tune's AsyncHyperBandScheduler documents it, one bracket. On a report
 * the highest milestone min·η^k that the trial has reached and not yet left a value at is looked at: it stops if its value is
 * worse than the (1 - 1/η) percentile of the values left there before. The value is left there either way.
 */
export class StoppingHalving implements Pruner {
  readonly #settings: StoppingSettings;
  /** From the lowest up. */
  readonly milestones: readonly number[];
  readonly #values: readonly Map<number, number>[];

  constructor(settings: StoppingSettings) {
    this.#settings = settings;
    const { minResource, maxResource, reduction } = settings;
    const levels = Math.trunc(Math.log(maxResource / minResource) / Math.log(reduction) + 1);
    this.milestones = Array.from({ length: levels }, (_, level) => minResource * reduction ** level);
    this.#values = this.milestones.map(() => new Map());
  }

  report(trial: number, { step, value }: PointReport): PruneDecision {
    const { direction, maxResource, reduction, onNan } = this.#settings;
    if (Number.isNaN(value) && onNan === "stop") return { stop: `step ${step} reported nan` };
    if (step >= maxResource) return "continue";
    const level = this.milestones.findLastIndex(
      (milestone, index) => step >= milestone && !this.#values[index]?.has(trial),
    );
    const seen = this.#values[level];
    if (seen === undefined) return "continue";
    const sign = direction === "maximize" ? 1 : -1;
    const gain = sign * value;
    const bar = percentile(
      [...seen.values()].filter((one) => !Number.isNaN(one)),
      1 - 1 / reduction,
    );
    seen.set(trial, gain);
    if (bar === undefined || !(gain < bar)) return "continue";
    return {
      stop: `${shown(value)} at step ${step} is worse than ${shown(sign * bar)}, the bar of ${seen.size - 1} at milestone ${this.milestones[level]}`,
    };
  }
}

/** With linear interpolation between neighbours, in the order of operations of numpy's. */
function percentile(values: readonly number[], share: number): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * ((share * 100) / 100);
  const index = Math.floor(place);
  const [low = 0, part] = [sorted[index], place - index];
  const high = sorted[index + 1] ?? low;
  return part >= 0.5 ? high - (high - low) * (1 - part) : low + (high - low) * part;
}
