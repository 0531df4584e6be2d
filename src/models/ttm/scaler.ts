import type { Forward } from "./forward.ts";

/** A window in its own units, and how to come back: `x = z·scale + loc`. */
export interface Scaled {
  /** [batch, rows, channels] */
  readonly z: string;
  /** [batch, 1, channels], or null where it is 0. */
  readonly loc: string | null;
  /** [batch, 1, channels], or null where it is 1. */
  readonly scale: string | null;
}

const stdFloor = 1e-5;
const meanFloor = 1e-10;

/** Standardises each (window, channel) over time. Missing values are not set to 0 again afterwards, as in the original. */
export function scale(f: Forward, x: string, mask: string | null): Scaled {
  const { scaling, config } = f.architecture;
  if (scaling === "none") return { z: x, loc: null, scale: null };
  return scaling === "std"
    ? standardise(f, x, mask, config.minimum_scale ?? stdFloor)
    : divideByMean(f, x, mask, config.minimum_scale ?? meanFloor);
}

/** loc = Σxm/n, scale = √(Σ((x − loc)m)²/n + floor), n = max(Σm, 1). */
function standardise({ graph }: Forward, x: string, mask: string | null, floor: number): Scaled {
  const time = graph.integers([1]);
  const masked = (value: string) => (mask ? graph.op("Mul", [value, mask]) : value);
  const observed = mask ? atLeastOne(graph, graph.op("ReduceSum", [mask, time])) : null;
  const mean = (value: string) =>
    observed
      ? graph.op("Div", [graph.op("ReduceSum", [masked(value), time]), observed])
      : graph.op("ReduceMean", [value, time]);
  const loc = mean(x);
  const centred = graph.op("Sub", [x, loc]);
  const deviation = masked(centred);
  const variance = observed
    ? graph.op("Div", [graph.op("ReduceSum", [square(graph, deviation), time]), observed])
    : mean(square(graph, deviation));
  const scale = graph.op("Sqrt", [graph.op("Add", [variance, graph.scalar(floor)])]);
  return { z: graph.op("Div", [centred, scale]), loc, scale };
}

/** scale = max(Σ|xm|/max(Σm, 1), floor); a channel never observed takes the mean over the batch. */
function divideByMean({ graph }: Forward, x: string, mask: string | null, floor: number): Scaled {
  const time = graph.integers([1]);
  const clamp = (value: string) => graph.op("Max", [value, graph.scalar(floor)]);
  if (!mask) {
    const scale = clamp(graph.op("ReduceMean", [graph.op("Abs", [x]), time]));
    return { z: graph.op("Div", [x, scale]), loc: null, scale };
  }
  const sum = graph.op("ReduceSum", [graph.op("Abs", [graph.op("Mul", [x, mask])]), time]);
  const observed = graph.op("ReduceSum", [mask, time]);
  const windows = graph.integers([0]);
  const batchSum = graph.op("ReduceSum", [sum, windows]);
  const batchObserved = atLeastOne(graph, graph.op("ReduceSum", [observed, windows]));
  const seen = graph.op("Greater", [observed, graph.scalar(0)]);
  const scale = clamp(
    graph.op("Where", [
      seen,
      graph.op("Div", [sum, atLeastOne(graph, observed)]),
      graph.op("Div", [batchSum, batchObserved]),
    ]),
  );
  return { z: graph.op("Div", [x, scale]), loc: null, scale };
}

function square(graph: Forward["graph"], value: string): string {
  return graph.op("Mul", [value, value]);
}

function atLeastOne(graph: Forward["graph"], value: string): string {
  return graph.op("Max", [value, graph.scalar(1)]);
}
