import { didYouMean, throwAll } from "../core/index.ts";
import { TrainError } from "./errors.ts";
import {
  absoluteErrorSum,
  determinationSum,
  type MetricSum,
  relativeErrorSum,
  rootSquaredErrorSum,
  type ScaledErrorOptions,
  scaledErrorSum,
  squaredErrorSum,
} from "./point-metrics.ts";
import { type QuantileMetrics, QuantileSums } from "./quantile-metrics.ts";

/** Forecasts of some windows beside what came. Values are row-major [window, step, channel], NaN where missing. */
export interface ForecastBatch extends ScaledErrorOptions {
  /** Row-major [window, step, channel, level]; null for a model of points. */
  readonly quantiles: Float32Array | null;
  /** The model's levels; empty for a model of points. */
  readonly levels: readonly number[];
}

/** An error of forecasts under a name. */
export interface Metric {
  readonly name: string;
  /** What it is computed from; a model of points has no quantiles. */
  readonly needs: "points" | "quantiles";
  /** A new sum, for the batches of one evaluation. */
  start(): MetricSum<ForecastBatch>;
}

const metrics = new Map<string, Metric>();

/**
 * Makes a metric known under its name, so that `training.metrics` takes it.
 *
 *     registerMetric({
 *       name: "worst", needs: "points",
 *       start: () => {
 *         let worst = 0;
 *         return {
 *           add: ({ target, predictions }) => { ... },
 *           value: () => worst,
 *         };
 *       },
 *     });
 */
export function registerMetric(metric: Metric): void {
  metrics.set(metric.name, metric);
}

const points = (name: string, start: () => MetricSum<ForecastBatch>) =>
  registerMetric({ name, needs: "points", start });
points("mse", squaredErrorSum);
points("mae", absoluteErrorSum);
points("rmse", rootSquaredErrorSum);
points("smape", relativeErrorSum);
points("mase", scaledErrorSum);
points("r2", determinationSum);

const quantile = (name: string, of: (metrics: QuantileMetrics) => number) =>
  registerMetric({
    name,
    needs: "quantiles",
    start: () => {
      const sums = new QuantileSums();
      return {
        add: ({ quantiles, target, levels }) => sums.add({ quantiles: quantiles ?? [], target, levels }),
        value: () => of(sums.metrics()),
      };
    },
  });
quantile("quantile_loss", ({ pinball }) => pinball.reduce((sum, loss) => sum + loss, 0) / pinball.length);
quantile("crps", ({ crps }) => crps);
quantile("wql", ({ weightedLoss }) => weightedLoss);

/**
 * The metrics of these names.
 *
 * @param levels  the model's quantile levels; null for a model of points
 * @throws {TrainError} TRAIN_UNKNOWN_METRIC, TRAIN_WRONG_METRIC for one of quantiles where the model forecasts points; all in one go
 */
export function metricsNamed(names: readonly string[], levels: readonly number[] | null): Metric[] {
  const faults: TrainError[] = [];
  const found = names.flatMap((name) => {
    const metric = metrics.get(name);
    if (metric && (metric.needs === "points" || levels !== null)) return [metric];
    faults.push(metric ? needsQuantiles(name) : unknownMetric(name));
    return [];
  });
  throwAll(faults);
  return found;
}

function unknownMetric(name: string): TrainError {
  const names = [...metrics.keys()];
  return new TrainError("TRAIN_UNKNOWN_METRIC", `no metric '${name}'`, {
    where: "training.metrics",
    fix: [didYouMean(name, names), `there are: ${names.join(", ")}; registerMetric adds your own`]
      .filter(Boolean)
      .join("\n"),
  });
}

function needsQuantiles(name: string): TrainError {
  const ofPoints = [...metrics.values()].filter(({ needs }) => needs === "points");
  return new TrainError("TRAIN_WRONG_METRIC", `the metric '${name}' needs a model that forecasts quantiles`, {
    where: "training.metrics",
    fix: `choose of ${ofPoints.map((metric) => metric.name).join(", ")}, or a model of quantiles such as model=chronos_bolt_tiny`,
  });
}
