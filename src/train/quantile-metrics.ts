export interface QuantileForecasts {
  /** Row-major [value, level]: the levels of a value lie together. */
  readonly quantiles: ArrayLike<number>;
  /** One number a value; NaN where the truth is missing: such values count nowhere. */
  readonly target: ArrayLike<number>;
  readonly levels: readonly number[];
}

/** Errors of quantile forecasts; lists have one entry per level. */
export interface QuantileMetrics {
  /** Mean of max(q·(y − f), (q − 1)·(y − f)). @see scikit-learn, mean_pinball_loss */
  readonly pinball: readonly number[];
  /** Twice the mean pinball loss over levels: the CRPS by quantiles. @see GIFT-Eval */
  readonly crps: number;
  /** Twice the summed pinball loss over the summed |y|, then the mean over levels. @see GluonTS, mean_weighted_sum_quantile_loss */
  readonly weightedLoss: number;
  /** Share of y ≤ f. */
  readonly coverage: readonly number[];
}

/** Errors of quantile forecasts over all observed values. */
export function quantileMetrics(forecasts: QuantileForecasts): QuantileMetrics {
  const sums = new QuantileSums();
  sums.add(forecasts);
  return sums.metrics();
}

/** The sums behind {@link QuantileMetrics}, taken in batch by batch; all batches have the same levels. */
export class QuantileSums {
  #losses: number[] = [];
  #covered: number[] = [];
  #count = 0;
  #size = 0;

  add({ quantiles, target, levels }: QuantileForecasts): void {
    if (this.#losses.length === 0) {
      this.#losses = levels.map(() => 0);
      this.#covered = levels.map(() => 0);
    }
    for (let index = 0; index < target.length; index++) {
      const truth = Number(target[index]);
      if (Number.isNaN(truth)) continue;
      this.#count++;
      this.#size += Math.abs(truth);
      for (const [place, level] of levels.entries()) {
        const error = truth - Number(quantiles[index * levels.length + place]);
        this.#losses[place] = Number(this.#losses[place]) + Math.max(level * error, (level - 1) * error);
        if (error <= 0) this.#covered[place] = Number(this.#covered[place]) + 1;
      }
    }
  }

  metrics(): QuantileMetrics {
    const total = this.#losses.reduce((sum, loss) => sum + loss, 0);
    const levels = this.#losses.length;
    return {
      pinball: this.#losses.map((loss) => loss / this.#count),
      crps: (2 * total) / (this.#count * levels),
      weightedLoss: (2 * total) / (this.#size * levels),
      coverage: this.#covered.map((hits) => hits / this.#count),
    };
  }
}
