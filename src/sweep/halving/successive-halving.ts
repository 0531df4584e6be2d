import type { Direction } from "../objectives.ts";
import type { PointReport } from "../sweeper.ts";
import type { PruneDecision, Pruner } from "./pruner.ts";
import { shown } from "./pruner.ts";

export interface HalvingSettings {
  readonly direction: Direction;
  /** Steps before the first question. */
  readonly minResource: number;
  /** η: of the values in a rung, one in so many passes. */
  readonly reduction: number;
  /** How many of the first rungs are left out. */
  readonly earlyRungs?: number;
}

/**
 * Asynchronous successive halving, as Optuna's SuccessiveHalvingPruner decides it. A trial has to pass rung 0, 1, …, with
 * the resources min·η^k. When it reports at or beyond the next rung's, its value enters the rung; with m values there, its own
 * included, it passes if it is among the best max(1, ⌊m/η⌋) (a tie with the last of them passes), and the next rung is asked
 * at once. Otherwise it stops. Values of all trials count, whatever became of them. Not-a-number stops at the next rung.
 *
 * @see Li et al. 2020, arXiv 1810.05934 (there in a form that promotes later)
 */
export class SuccessiveHalving implements Pruner {
  readonly #settings: HalvingSettings;
  /** The values of each rung, the best first. */
  readonly #rungs: number[][] = [];
  readonly #next = new Map<number, number>();

  constructor(settings: HalvingSettings) {
    this.#settings = settings;
  }

  report(trial: number, { step, value }: PointReport): PruneDecision {
    const { minResource, reduction, earlyRungs = 0 } = this.#settings;
    for (let rung = this.#next.get(trial) ?? 0; ; rung++) {
      if (step < minResource * reduction ** (rung + earlyRungs)) return "continue";
      if (Number.isNaN(value)) return { stop: `step ${step} reported nan` };
      this.#next.set(trial, rung + 1);
      const values = this.#enter(rung, value);
      const places = Math.max(1, Math.floor(values.length / reduction));
      const bar = values[places - 1] ?? value;
      if (this.#isBetter(bar, value)) {
        return {
          stop: `${shown(value)} at step ${step} is not among the best ${places} of ${values.length} in rung ${rung} (${shown(bar)})`,
        };
      }
    }
  }

  /** The last rung that a trial's value entered; -1 for none. */
  highestRung(trial: number): number {
    return (this.#next.get(trial) ?? 0) - 1;
  }

  #enter(rung: number, value: number): readonly number[] {
    this.#rungs[rung] ??= [];
    const values = this.#rungs[rung];
    let [from, to] = [0, values.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#isBetter(value, values[middle] ?? value)) to = middle;
      else from = middle + 1;
    }
    values.splice(from, 0, value);
    return values;
  }

  #isBetter(a: number, b: number): boolean {
    return this.#settings.direction === "maximize" ? a > b : a < b;
  }
}
