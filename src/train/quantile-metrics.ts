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
export function quantileMetrics({ quantiles, target, levels }: QuantileForecasts): QuantileMetrics {
  const losses = levels.map(() => 0);
  const covered = levels.map(() => 0);
  let [count, size] = [0, 0];
  for (let index = 0; index < target.length; index++) {
    const truth = Number(target[index]);
    if (Number.isNaN(truth)) continue;
    count++;
    size += Math.abs(truth);
    levels.forEach((level, place) => {
      const error = truth - Number(quantiles[index * levels.length + place]);
      losses[place] = Number(losses[place]) + Math.max(level * error, (level - 1) * error);
      covered[place] = Number(covered[place]) + (error <= 0 ? 1 : 0);
    });
  }
  const total = losses.reduce((sum, loss) => sum + loss, 0);
  return {
    pinball: losses.map((loss) => loss / count),
    crps: (2 * total) / (count * levels.length),
    weightedLoss: (2 * total) / (size * levels.length),
    coverage: covered.map((hits) => hits / count),
  };
}
