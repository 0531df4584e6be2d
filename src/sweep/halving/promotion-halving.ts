import type { Direction } from "../objectives.ts";

export interface PromotionSettings {
  readonly direction: Direction;
  readonly minResource: number;
  readonly maxResource: number;
  /** η: of the values in a rung, one in so many is promoted. */
  readonly reduction: number;
}

/** A trial and the rung that it is to be run for. */
export interface Promotion {
  readonly trial: number;
  readonly rung: number;
}

/**
 * Asynchronous successive halving as published: trials wait in their rung until they are among its best ⌊m/η⌋, and are
 * promoted then, the highest rung first. Of equal values the one that came first is better. Not-a-number enters no rung.
 *
 * @see Li et al. 2020, arXiv 1810.05934, algorithm 2
 */
export class PromotionHalving {
  readonly #settings: PromotionSettings;
  /** The steps of each rung: min·η^k up to max. */
  readonly resources: readonly number[];
  /** What each rung holds, the best first. */
  readonly #rungs: readonly { readonly trial: number; readonly loss: number }[][];
  readonly #promoted: readonly Set<number>[];

  constructor(settings: PromotionSettings) {
    this.#settings = settings;
    const { minResource, maxResource, reduction } = settings;
    const resources = [minResource];
    while ((resources.at(-1) ?? maxResource) * reduction <= maxResource) {
      resources.push((resources.at(-1) ?? maxResource) * reduction);
    }
    this.resources = resources;
    this.#rungs = resources.map(() => []);
    this.#promoted = resources.map(() => new Set());
  }

  /** The next trial to promote; undefined where a fresh one is to start in rung 0. */
  promote(): Promotion | undefined {
    for (let rung = this.resources.length - 2; rung >= 0; rung--) {
      const done = this.#rungs[rung] ?? [];
      const best = done.slice(0, Math.floor(done.length / this.#settings.reduction));
      const found = best.find(({ trial }) => !this.#promoted[rung]?.has(trial));
      if (found === undefined) continue;
      this.#promoted[rung]?.add(found.trial);
      return { trial: found.trial, rung: rung + 1 };
    }
    return undefined;
  }

  /** The value that a trial reached with its rung's resource. */
  enter({ trial, rung }: Promotion, value: number): void {
    if (Number.isNaN(value)) return;
    const loss = this.#settings.direction === "maximize" ? -value : value;
    const done = this.#rungs[rung];
    const worse = done?.findIndex((one) => one.loss > loss) ?? -1;
    done?.splice(worse < 0 ? done.length : worse, 0, { trial, loss });
  }
}
