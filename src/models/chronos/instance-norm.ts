import type { Forward } from "./forward.ts";

/** Series [series, rows] in their own units: `x = z·scale + loc` where a value was observed. */
export interface Standardised {
  /** 0 where nothing was observed. */
  readonly z: string;
  /** float32, 1 where observed. */
  readonly mask: string;
  /** [series, 1] */
  readonly loc: string;
  /** [series, 1] */
  readonly scale: string;
}

/** What a scale of exactly 0 becomes. @see chronos-forecasting, InstanceNorm */
const FLAT_SCALE = 1e-5;

/**
 * Standardises each series by the mean and population deviation of what was observed of it; 0 and 1 where nothing was.
 * Values are taken relative to the largest one first, so that the mean of a constant series is that constant, exactly.
 *
 * @param x         float32 [series, rows]
 * @param observed  bool [series, rows]
 */
export function standardise({ graph }: Forward, x: string, observed: string): Standardised {
  const [zero, one] = [graph.scalar(0), graph.scalar(1)];
  const time = graph.integers([1]);
  const sum = (value: string) => graph.op("ReduceSum", [value, time]);
  const mask = graph.cast(observed, "float32");
  const count = sum(mask);
  const seen = graph.op("Greater", [count, zero]);
  const divisor = graph.op("Max", [count, one]);
  const observedOnly = (value: string) => graph.op("Where", [observed, value, zero]);

  const lowest = graph.scalar(-3.4028234663852886e38);
  const largest = graph.op("ReduceMax", [graph.op("Where", [observed, x, lowest]), time]);
  const origin = graph.op("Where", [seen, largest, zero]);
  const shifted = observedOnly(graph.op("Sub", [x, origin]));
  const shift = graph.op("Div", [sum(shifted), divisor]);
  const loc = graph.op("Add", [origin, shift], undefined, { name: "series_loc" });

  const centred = observedOnly(graph.op("Sub", [x, loc]));
  const squares = graph.op("ReduceSumSquare", [centred, time]);
  const deviation = graph.op("Sqrt", [graph.op("Div", [squares, divisor])]);
  const isFlat = graph.op("Equal", [deviation, zero]);
  const positive = graph.op("Where", [isFlat, graph.scalar(FLAT_SCALE), deviation]);
  const scale = graph.op("Where", [seen, positive, one], undefined, { name: "series_scale" });
  return { z: graph.op("Div", [centred, scale]), mask, loc, scale };
}
