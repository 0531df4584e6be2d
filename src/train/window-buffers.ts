import { gatherWindows } from "../data/index.ts";
import { arrayTypeOf, float32Tensor, type Tensor } from "../onnx/index.ts";
import type { PieceModel, SharedSeries } from "./step-calls.ts";

/** Arrays for the windows of one run of a graph, filled again and again. */
export class WindowBuffers {
  readonly past: Float32Array;
  readonly future: Float32Array;
  readonly pastMask: Float32Array | undefined;
  readonly futureMask: Float32Array;
  readonly #series: SharedSeries;
  /** Axes in front of a window's: of the steps of a run, where it takes several, and of windows. */
  readonly #front: readonly number[];
  readonly #constants: Readonly<Record<string, Tensor>>;

  /** @param steps  null for a graph of one step */
  constructor(series: SharedSeries, { windows, constants }: PieceModel, steps: number | null = null) {
    const count = windows * (steps ?? 1);
    const channels = series.columns.length;
    this.#series = series;
    this.#front = steps === null ? [windows] : [steps, windows];
    this.#constants = steps === null ? constants : repeated(constants, steps);
    this.past = new Float32Array(count * series.context * channels);
    this.future = new Float32Array(count * series.horizon * channels);
    this.futureMask = new Float32Array(this.future.length);
    this.pastMask = series.observed ? new Float32Array(this.past.length) : undefined;
  }

  fill(starts: Int32Array): void {
    const { past, future, pastMask, futureMask } = this;
    gatherWindows(this.#series, starts, { past, future, futureObserved: futureMask, pastObserved: pastMask });
    const { columns, targetChannels } = this.#series;
    if (targetChannels.length === columns.length) return;
    const targets = new Set(targetChannels);
    const others = columns.flatMap((_, channel) => (targets.has(channel) ? [] : [channel]));
    for (let row = 0; row < futureMask.length; row += columns.length) {
      for (const channel of others) futureMask[row + channel] = 0;
    }
  }

  /** What a loss is fed beside the forward graph's inputs. */
  targets(): Record<string, Tensor> {
    const shape = [...this.#front, this.#series.horizon, this.#series.columns.length];
    return {
      future_values: float32Tensor(shape, this.future),
      future_mask: float32Tensor(shape, this.futureMask),
    };
  }

  /** What the forward graph is fed, but for the parameters. */
  feeds(): Record<string, Tensor> {
    const { context, columns } = this.#series;
    const shape = [...this.#front, context, columns.length];
    return {
      ...this.#constants,
      past_values: float32Tensor(shape, this.past),
      ...(this.pastMask ? { past_observed_mask: float32Tensor(shape, this.pastMask) } : {}),
    };
  }
}

/** The same value for every step, along a new first axis. */
function repeated(constants: Readonly<Record<string, Tensor>>, steps: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(constants).map(([name, { dtype, shape, data }]) => {
      const all = new (arrayTypeOf(dtype))(data.length * steps);
      for (let step = 0; step < steps; step++) all.set(data as never, step * data.length);
      return [name, { dtype, shape: [steps, ...shape], data: all }];
    }),
  );
}
