import { mixForecastChannels } from "./forecast-channel-mixing.ts";
import type { Forward } from "./forward.ts";
import type { Scaled } from "./scaler.ts";

/**
 * Hidden [patches · series, width] → predictions [batch, steps, forecast channels] in the units fed in.
 *
 * @param past    the context as fed in, [batch, rows, channels]
 * @param future  known columns of the future, [batch, steps, channels], where the model reads them
 */
export function forecast(
  f: Forward,
  hidden: string,
  scaled: Scaled,
  past: string,
  future: string | null,
): string {
  const { graph, architecture, options } = f;
  const { patches, headWidth, forecastChannels, steps, channelMixing } = architecture;
  const seriesFirst = graph.transpose(graph.reshape(hidden, [patches, f.series, headWidth]), [1, 0, 2]);
  const flat = f.dropout(
    "head.dropout_layer",
    graph.reshape(seriesFirst, [f.series, patches * headWidth]),
    "head",
  );
  const full = f.linear("head.base_forecast_block", flat, "rows");
  const cut = graph.reshape(f.slice(full, 1, 0, steps), [options.batch, options.channels, steps]);
  const picked = forecastChannels ? f.pick(cut, 1, forecastChannels) : cut;
  const base = graph.transpose(picked, [0, 2, 1]);
  const mixed = channelMixing ? mixForecastChannels(f, channelMixing, base, past, future) : base;
  return restoreUnits(f, mixed, scaled);
}

function restoreUnits(f: Forward, value: string, { loc, scale }: Scaled): string {
  const channels = f.architecture.forecastChannels;
  const kept = (statistic: string) => (channels ? f.pick(statistic, 2, channels) : statistic);
  const spread = scale ? f.graph.op("Mul", [value, kept(scale)]) : value;
  return loc ? f.graph.op("Add", [spread, kept(loc)]) : spread;
}
