import { workerData } from "node:worker_threads";
import { gatherWindows } from "../data/index.ts";
import { float32Tensor, type Tensor } from "../onnx/index.ts";
import { createSession, type Session, serveWorker } from "../runtime/index.ts";
import { drawMasks } from "./dropout.ts";
import { accumulateErrors, type ErrorSums, emptySums } from "./error-sums.ts";
import { PARAMETERS } from "./parameters.ts";
import { QUANTILE_SUMS } from "./quantile-loss.ts";
import type {
  GradientShare,
  PieceModel,
  SharedSeries,
  StepCalls,
  StepModels,
  StepWorkerSetup,
} from "./step-calls.ts";

const setup = workerData as StepWorkerSetup;
const size = setup.shared.parameters.length;

/** Arrays for the windows of one run, filled again and again. */
class WindowBuffers {
  readonly past: Float32Array;
  readonly future: Float32Array;
  readonly pastMask: Float32Array | undefined;
  readonly futureMask: Float32Array;
  readonly #series: SharedSeries;
  readonly #windows: number;
  readonly #constants: Readonly<Record<string, Tensor>>;

  constructor(series: SharedSeries, { windows, constants }: PieceModel) {
    const channels = series.columns.length;
    this.#series = series;
    this.#windows = windows;
    this.#constants = constants;
    this.past = new Float32Array(windows * series.context * channels);
    this.future = new Float32Array(windows * series.horizon * channels);
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
    const shape = [this.#windows, this.#series.horizon, this.#series.columns.length];
    return {
      future_values: float32Tensor(shape, this.future),
      future_mask: float32Tensor(shape, this.futureMask),
    };
  }

  /** What the forward graph is fed. */
  feeds(parameters: Float32Array): Record<string, Tensor> {
    const { context, columns } = this.#series;
    const shape = [this.#windows, context, columns.length];
    return {
      ...this.#constants,
      [PARAMETERS]: float32Tensor([size], parameters),
      past_values: float32Tensor(shape, this.past),
      ...(this.pastMask ? { past_observed_mask: float32Tensor(shape, this.pastMask) } : {}),
    };
  }
}

/** The runtime refuses tensors over shared memory, so parameters and gradients are copied into arrays of its own. */
function copyOf(shared: Float32Array, into: Float32Array): Float32Array {
  into.set(shared);
  return into;
}

function* pieces(starts: Int32Array, windows: number): Generator<Int32Array> {
  for (let from = 0; from < starts.length; from += windows) yield starts.subarray(from, from + windows);
}

class StepWorker {
  #gradient: Session | undefined;
  #forward: Session | undefined;
  #update: Session | undefined;
  readonly #parameters = new Float32Array(size);
  /** Every worker's gradient, in the worker that also runs the update. */
  #gradients: readonly Float32Array[] = [];
  readonly #trainBuffers = new WindowBuffers(setup.series, setup.gradient);
  readonly #evaluationBuffers = new WindowBuffers(setup.series, setup.forward);
  readonly #masks = new Uint8Array(setup.gradient.masks.reduce((sum, mask) => sum + mask.size, 0));
  readonly #state = new Map<string, Float32Array>(setup.state.map((name) => [name, new Float32Array(size)]));

  async load({ gradient, forward, update }: StepModels): Promise<void> {
    // the plan for memory comes on top of the first run's: a third more of it, and no faster at this size
    const options = { device: setup.device, intraOpThreads: 1, memPattern: false };
    this.#gradient = await createSession({ model: gradient, name: "gradient" }, options);
    this.#forward = await createSession({ model: forward, name: "forward" }, options);
    if (!update) return;
    this.#update = await createSession({ model: update, name: "update" }, options);
    this.#gradients = setup.shared.gradients.map(() => new Float32Array(size));
  }

  async gradients(share: GradientShare): Promise<number> {
    const total = setup.shared.gradients[setup.index] as Float32Array;
    const parameters = copyOf(setup.shared.parameters, this.#parameters);
    total.fill(0);
    let loss = 0;
    let piece = share.firstPiece;
    for (const starts of pieces(share.starts, setup.gradient.windows)) {
      this.#trainBuffers.fill(starts);
      const outputs = await (this.#gradient as Session).run(this.#trainFeeds(parameters, share, piece++));
      loss += Number(outputs["loss"]?.data[0]);
      addTo(total, outputs["gradient"]?.data as Float32Array);
    }
    return loss;
  }

  #trainFeeds(parameters: Float32Array, share: GradientShare, piece: number): Record<string, Tensor> {
    const { masks } = setup.gradient;
    const drawn = drawMasks(masks, this.#masks, { seed: share.seed, step: share.step, piece });
    return {
      ...this.#trainBuffers.feeds(parameters),
      ...this.#trainBuffers.targets(),
      inverse_count: float32Tensor([], [share.inverseCount]),
      ...Object.fromEntries(
        masks.map((mask, index) => [
          mask.input,
          { dtype: "bool", shape: mask.shape, data: drawn[index] as Uint8Array } satisfies Tensor,
        ]),
      ),
    };
  }

  async update(scalars: Readonly<Record<string, number>>): Promise<number> {
    const vector = (data: Float32Array) => float32Tensor([size], data);
    const outputs = await (this.#update as Session).run({
      [PARAMETERS]: vector(copyOf(setup.shared.parameters, this.#parameters)),
      ...Object.fromEntries(
        setup.shared.gradients.map((part, index) => [
          `gradient_${index}`,
          vector(copyOf(part, this.#gradients[index] as Float32Array)),
        ]),
      ),
      ...Object.fromEntries([...this.#state].map(([name, data]) => [`state_${name}`, vector(data)])),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, float32Tensor([], [value])]),
      ),
    });
    setup.shared.parameters.set(outputs["next_parameters"]?.data as Float32Array);
    for (const name of this.#state.keys())
      this.#state.set(name, outputs[`next_state_${name}`]?.data as Float32Array);
    return Number(outputs["grad_norm"]?.data[0]);
  }

  async evaluate(starts: Int32Array): Promise<ErrorSums> {
    const parameters = copyOf(setup.shared.parameters, this.#parameters);
    const sums = emptySums(setup.series.columns.length);
    const { future: target, futureMask: mask } = this.#evaluationBuffers;
    for (const part of pieces(starts, setup.forward.windows)) {
      this.#evaluationBuffers.fill(part);
      const outputs = await (this.#forward as Session).run({
        ...this.#evaluationBuffers.feeds(parameters),
        ...(setup.loss === "quantile" ? this.#evaluationBuffers.targets() : {}),
      });
      const quantileSums = outputs[QUANTILE_SUMS];
      if (quantileSums) addTo(sums.quantile, quantileSums.data as Float32Array);
      accumulateErrors(sums, { predictions: outputs["predictions"]?.data as Float32Array, target, mask });
    }
    return sums;
  }

  readState(): Record<string, Float32Array> {
    return Object.fromEntries([...this.#state].map(([name, data]) => [name, data.slice()]));
  }

  writeState(state: Readonly<Record<string, Float32Array>>): void {
    for (const name of this.#state.keys()) {
      const data = state[name];
      if (data) this.#state.set(name, data);
    }
  }
}

function addTo(total: Float32Array | Float64Array, part: Float32Array): void {
  for (let index = 0; index < total.length; index++) (total[index] as number) += part[index] as number;
}

const worker = new StepWorker();
serveWorker<StepCalls>({
  load: (models) => worker.load(models),
  gradients: (share) => worker.gradients(share),
  update: (scalars) => worker.update(scalars),
  evaluate: (starts) => worker.evaluate(starts),
  readState: () => worker.readState(),
  writeState: (state) => worker.writeState(state),
});
