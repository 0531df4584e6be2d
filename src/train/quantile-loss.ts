import { type Graph, GraphBuilder } from "../onnx/index.ts";
import { TrainError } from "./errors.ts";

/** Name of the output that {@link addQuantileSums} adds. */
export const QUANTILE_SUMS = "quantile_sums";

/**
 * Chronos-Bolt's loss of every forecast value, times the mask and over the number of levels:
 *
 *     2·|(y − ŷ)·(1[y ≤ ŷ] − τ)|·mask / levels        y and ŷ standardised by the series' own context
 *
 * @param target  the truth in the units fed in, [batch, time, channel]; so is `mask`
 * @returns the name of float32 [batch, levels, time, channel]
 * @throws {TrainError} TRAIN_WRONG_LOSS where the graph is no model of quantiles
 * @see chronos-forecasting, ChronosBoltModelForForecasting.forward
 */
export function quantileErrors(
  b: GraphBuilder,
  target: string,
  mask: string,
  levels: readonly number[] | null,
): string {
  if (levels === null || !b.has("standard_quantiles")) throw noQuantiles();
  const [batch, , time, channels] = b.shape("standard_quantiles") as [number, number, number, number];
  const perLevel = (value: string) => b.reshape(value, [batch, 1, time, channels]);
  const float = (value: string) => b.cast(value, "float32");
  const standard = b.op("Div", [b.op("Sub", [target, float("loc")]), float("scale")]);
  const error = b.op("Sub", [perLevel(standard), float("standard_quantiles")]);
  const isOver = b.cast(b.op("LessOrEqual", [error, b.scalar(0)]), "float32");
  const taus = b.constant({
    dtype: "float32",
    shape: [1, levels.length, 1, 1],
    data: Float32Array.from(levels),
  });
  const tilted = b.op("Abs", [b.op("Mul", [error, b.op("Sub", [isOver, taus])])]);
  const weight = b.op("Mul", [perLevel(mask), b.scalar(2 / levels.length)]);
  return b.op("Mul", [tilted, weight]);
}

/**
 * The forward graph with the loss summed per channel as one more output, {@link QUANTILE_SUMS} [channel]; further inputs
 * as those of `addLoss`, without the count.
 */
export function addQuantileSums(forward: Graph, levels: readonly number[] | null): Graph {
  const b = GraphBuilder.from(forward);
  const shape = b.shape("predictions");
  const target = b.input("future_values", "float32", shape);
  const mask = b.input("future_mask", "float32", shape);
  const errors = quantileErrors(b, target, mask, levels);
  b.output(b.op("ReduceSum", [errors, b.integers([0, 1, 2])], { keepdims: 0 }, { name: QUANTILE_SUMS }));
  return b.build();
}

function noQuantiles(): TrainError {
  return new TrainError("TRAIN_WRONG_LOSS", "the loss 'quantile' needs a model that forecasts quantiles", {
    where: "training.loss=quantile",
    fix: "training.loss=mse (or mae, huber), or a model of quantiles such as model=chronos_bolt_tiny",
  });
}
