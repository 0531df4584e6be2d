import type { Forward } from "./forward.ts";
import type { Standardised } from "./instance-norm.ts";

/**
 * Declares the graph's outputs from the head's answer, quantile-major [series, levels · steps]: `quantiles`
 * [batch, levels, steps, channels] in the units fed in, and the median as `predictions`.
 */
export function declareForecasts(f: Forward, answer: string, { loc, scale }: Standardised): void {
  const { graph, options, series } = f;
  const { batch, channels } = options;
  const { quantiles: levels, prediction_length } = f.config.chronos_config;
  const steps = f.config.prediction_filter_length ?? prediction_length;
  const whole = graph.reshape(answer, [series, levels.length, prediction_length]);
  const kept = graph.reshape(f.slice(whole, 2, 0, steps), [batch, channels, levels.length, steps]);
  const standard = graph.op("Transpose", [kept], { perm: [0, 2, 3, 1] }, { name: "standard_quantiles" });
  const perChannel = (value: string, name: string) =>
    graph.op("Reshape", [value, graph.integers([batch, 1, channels])], undefined, { name });
  const spread = (value: string) => graph.reshape(value, [batch, 1, 1, channels]);
  const scaled = graph.op("Mul", [standard, spread(perChannel(scale, "scale"))]);
  const quantiles = graph.op("Add", [scaled, spread(perChannel(loc, "loc"))], undefined, {
    name: "quantiles",
  });
  graph.output(graph.reshape(median(f, quantiles), [batch, steps, channels]), "predictions");
  graph.output(quantiles);
}

/** The level 0.5, or the line between its neighbours, or the nearest level where it lies outside of all. */
function median(f: Forward, quantiles: string): string {
  const { graph } = f;
  const levels = f.config.chronos_config.quantiles;
  const at = (index: number) => f.slice(quantiles, 1, index, index + 1);
  const above = levels.findIndex((level) => level >= 0.5);
  if (above === -1) return at(levels.length - 1);
  const [lower = 0.5, upper = 0.5] = [levels[above - 1], levels[above]];
  if (above === 0 || upper === 0.5) return at(above);
  const share = (0.5 - lower) / (upper - lower);
  const weighted = (value: string, weight: number) => graph.op("Mul", [value, graph.scalar(weight)]);
  return graph.op("Add", [weighted(at(above - 1), 1 - share), weighted(at(above), share)]);
}
