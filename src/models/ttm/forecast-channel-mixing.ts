import type { ChannelMixingSpec } from "./architecture.ts";
import type { Forward } from "./forward.ts";
import { gate } from "./mixer-layer.ts";
import { mixerStack } from "./mixer-stack.ts";

/**
 * Lets every forecast step see the steps around it in all channels, and the known future of exogenous ones:
 * base [batch, steps, forecast channels] → the same shape.
 *
 * The base forecast is in the window's own units, past and future columns are as fed in: so does the original.
 */
export function mixForecastChannels(
  f: Forward,
  spec: ChannelMixingSpec,
  base: string,
  past: string,
  future: string | null,
): string {
  const { graph, options } = f;
  const path = "head.fcm_block";
  const [batch, steps] = [options.batch, f.architecture.steps];
  const joined =
    spec.context > 0 ? windowsOfAllChannels(f, spec, base, past, future) : joinKnown(f, spec, base, future);
  const rows = graph.reshape(joined, [batch * steps, spec.features]);
  const opened = spec.gated ? gate(f, `${path}.fcm_gating_block`, rows, "rows") : rows;
  const update = f.linear(`${path}.mlp`, opened, "rows");
  return graph.op("Add", [base, graph.reshape(update, [batch, steps, spec.forecastChannels.length])]);
}

/** Base forecasts and the exogenous columns of the future: [batch, steps, all channels]. */
function joinKnown(f: Forward, spec: ChannelMixingSpec, base: string, future: string | null): string {
  if (!future || spec.exogenousChannels.length === 0) return base;
  return f.graph.op("Concat", [base, f.pick(future, 2, spec.exogenousChannels)], { axis: 2 });
}

/** [batch · steps, channels · width]: each step with its neighbours, embedded and mixed where the model does so. */
function windowsOfAllChannels(
  f: Forward,
  spec: ChannelMixingSpec,
  base: string,
  past: string,
  future: string | null,
): string {
  const { graph, options } = f;
  const { context, window, mixer } = spec;
  const steps = f.architecture.steps;
  const series = options.batch * steps;
  const body = joinKnown(f, spec, base, future);
  const channels = spec.forecastChannels.length + spec.exogenousChannels.length;
  const margin = f.zeros([options.batch, context, channels]);
  const before = spec.past ? pastRows(f, spec, spec.past, past) : margin;
  const extended = graph.transpose(graph.op("Concat", [before, body, margin], { axis: 1 }), [2, 0, 1]);
  const shifted = Array.from({ length: window }, (_, shift) =>
    graph.reshape(f.slice(extended, 2, shift, shift + steps), [channels, options.batch, steps, 1]),
  );
  // channels take the place of patches: [channels · (batch · steps), window]
  const windows = graph.reshape(graph.op("Concat", shifted, { axis: 3 }), [channels * series, window]);
  const embedded = mixer
    ? mixerStack(f, mixer, f.linear("head.fcm_block.fcm_embedding", windows, "rows"), {
        series,
        part: "head",
      })
    : windows;
  const width = mixer?.width ?? window;
  return graph.transpose(graph.reshape(embedded, [channels, series, width]), [1, 0, 2]);
}

/** The rows in front of the forecast, forecast channels first. */
function pastRows(
  f: Forward,
  spec: ChannelMixingSpec,
  [from, to]: readonly [number, number],
  past: string,
): string {
  return f.pick(f.slice(past, 1, from, to), 2, [...spec.forecastChannels, ...spec.exogenousChannels]);
}
