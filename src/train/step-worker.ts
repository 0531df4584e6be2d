import { workerData } from "node:worker_threads";
import { elementCount, float32Tensor, type Tensor } from "../onnx/index.ts";
import { createSession, type Session, serveWorker } from "../runtime/index.ts";
import { drawMasks } from "./dropout.ts";
import { accumulateErrors, type ErrorSums, emptySums } from "./error-sums.ts";
import { type Forecast, joined } from "./forecast.ts";
import { LOSS_SCALE } from "./loss-scaling.ts";
import { PARAMETERS } from "./parameters.ts";
import { QUANTILE_SUMS } from "./quantile-loss.ts";
import type {
  GradientShare,
  Lane,
  StepCalls,
  StepModels,
  StepsResult,
  StepsShare,
  StepWorkerSetup,
  UpdateResult,
} from "./step-calls.ts";
import { WindowBuffers } from "./window-buffers.ts";

const setup = workerData as StepWorkerSetup;
const size = setup.shared.parameters.length;

/** The runtime refuses tensors over shared memory, so parameters and gradients are copied into arrays of its own. */
function copyOf(shared: Float32Array, into: Float32Array): Float32Array {
  into.set(shared);
  return into;
}

function* pieces(starts: Int32Array, windows: number): Generator<Int32Array> {
  for (let from = 0; from < starts.length; from += windows) yield starts.subarray(from, from + windows);
}

/** Values that are summed over all lanes before the next ones: 16 KB. */
const SUM_BLOCK = 4096;

function addRange(total: Float32Array | Float64Array, part: Float32Array, from: number, to: number): void {
  for (let index = from; index < to; index++) (total[index] as number) += part[index] as number;
}

class StepWorker {
  #gradient: Session | undefined;
  #forward: Session | undefined;
  #update: Session | undefined;
  #steps: Session | undefined;
  readonly #parameters = new Float32Array(size);
  /** The summed gradient, in the worker that also runs the update. */
  #total = new Float32Array(0);
  readonly #trainBuffers = new WindowBuffers(setup.series, setup.gradient);
  readonly #evaluationBuffers = new WindowBuffers(setup.series, setup.forward);
  /** Those of several steps, made when they are first needed. */
  #stepsBuffers: WindowBuffers | undefined;
  readonly #masks = new Uint8Array(setup.gradient.masks.reduce((sum, mask) => sum + mask.size, 0));
  readonly #state = new Map<string, Float32Array>(
    setup.state.map(({ name, shape, initial }) => [
      name,
      new Float32Array(elementCount(shape)).fill(initial),
    ]),
  );

  async load({ gradient, update, steps }: StepModels): Promise<void> {
    const { session } = setup;
    this.#gradient = await createSession({ model: gradient, name: "gradient" }, session);
    if (steps) this.#steps = await createSession({ model: steps, name: "steps" }, session);
    if (!update) return;
    this.#update = await createSession({ model: update, name: "update" }, session);
    this.#total = new Float32Array(size);
  }

  async loadForward(model: Uint8Array): Promise<void> {
    this.#forward ??= await createSession({ model, name: "forward" }, setup.session);
  }

  async gradients(share: GradientShare): Promise<readonly number[]> {
    const parameters = copyOf(setup.shared.parameters, this.#parameters);
    const losses: number[] = [];
    for (const lane of share.lanes) losses.push(await this.#sumLane(lane, parameters, share));
    return losses;
  }

  async #sumLane(lane: Lane, parameters: Float32Array, share: GradientShare): Promise<number> {
    const total = setup.shared.gradients[lane.index] as Float32Array;
    let loss = 0;
    let piece = lane.firstPiece;
    for (const starts of pieces(lane.starts, setup.gradient.windows)) {
      this.#trainBuffers.fill(starts);
      const outputs = await (this.#gradient as Session).run(this.#trainFeeds(parameters, share, piece));
      const gradient = outputs["gradient"]?.data as Float32Array;
      loss += Number(outputs["loss"]?.data[0]);
      if (piece === lane.firstPiece) total.set(gradient);
      else addRange(total, gradient, 0, size);
      piece++;
    }
    return loss;
  }

  /** The order of the sum is that of the lanes, whoever computed them; block by block, so that each stays in the cache. */
  sumLanes({ lanes, from, to }: { lanes: number; from: number; to: number }): void {
    const [total, ...others] = setup.shared.gradients.slice(0, lanes) as [Float32Array, ...Float32Array[]];
    for (let start = from; start < to; start += SUM_BLOCK) {
      const end = Math.min(to, start + SUM_BLOCK);
      for (const part of others) addRange(total, part, start, end);
    }
  }

  #trainFeeds(parameters: Float32Array, share: GradientShare, piece: number): Record<string, Tensor> {
    const { masks } = setup.gradient;
    const { lossScale } = setup.shared;
    const drawn = drawMasks(masks, this.#masks, { seed: share.seed, step: share.step, piece });
    return {
      [PARAMETERS]: float32Tensor([size], parameters),
      ...this.#trainBuffers.feeds(),
      ...this.#trainBuffers.targets(),
      inverse_count: float32Tensor([], [share.inverseCount]),
      ...(lossScale ? { [LOSS_SCALE]: float32Tensor([], lossScale.slice()) } : {}),
      ...Object.fromEntries(
        masks.map((mask, index) => [
          mask.input,
          { dtype: "bool", shape: mask.shape, data: drawn[index] as Uint8Array } satisfies Tensor,
        ]),
      ),
    };
  }

  async update(scalars: Readonly<Record<string, number>>): Promise<UpdateResult> {
    const outputs = await (this.#update as Session).run({
      ...this.#carried(),
      gradient_0: float32Tensor([size], copyOf(setup.shared.gradients[0] as Float32Array, this.#total)),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, float32Tensor([], [value])]),
      ),
    });
    this.#carryOver(outputs);
    return { gradNorm: Number(outputs["grad_norm"]?.data[0]), skipped: this.#skipped };
  }

  async steps(share: StepsShare): Promise<StepsResult> {
    const { stepsPerRun: count, gradient } = setup;
    this.#stepsBuffers ??= new WindowBuffers(setup.series, gradient, count);
    const starts = new Int32Array(count * gradient.windows);
    for (const [index, batch] of share.starts.entries()) starts.set(batch, index * gradient.windows);
    this.#stepsBuffers.fill(starts);
    const row = (values: readonly number[]) => float32Tensor([count], values);
    const names = Object.keys(share.scalars[0] ?? {});
    const outputs = await (this.#steps as Session).run({
      ...this.#carried(),
      ...this.#stepsBuffers.feeds(),
      ...this.#stepsBuffers.targets(),
      ...this.#masksOfSteps(share),
      inverse_count: row(share.inverseCounts),
      ...Object.fromEntries(
        names.map((name) => [name, row(share.scalars.map((one) => one[name] as number))]),
      ),
    });
    this.#carryOver(outputs);
    const numbers = (name: string) => Array.from(outputs[name]?.data ?? [], Number);
    return { losses: numbers("loss"), gradNorms: numbers("grad_norm"), skipped: this.#skipped };
  }

  /** Each mask for all steps, drawn as {@link gradients} draws them one by one. */
  #masksOfSteps({ seed, step }: StepsShare): Record<string, Tensor> {
    const { stepsPerRun: count, gradient } = setup;
    const all = gradient.masks.map(({ size: length }) => new Uint8Array(count * length));
    if (all.length > 0) {
      for (let index = 0; index < count; index++) {
        const drawn = drawMasks(gradient.masks, this.#masks, { seed, step: step + index, piece: 0 });
        for (const [place, mask] of drawn.entries()) all[place]?.set(mask, index * mask.length);
      }
    }
    return Object.fromEntries(
      gradient.masks.map(({ input, shape }, place) => [
        input,
        { dtype: "bool", shape: [count, ...shape], data: all[place] as Uint8Array },
      ]),
    );
  }

  /** What goes from step to step, as it is fed. */
  #carried(): Record<string, Tensor> {
    return {
      [PARAMETERS]: float32Tensor([size], copyOf(setup.shared.parameters, this.#parameters)),
      ...Object.fromEntries(
        setup.state.map(({ name, shape }) => [
          `state_${name}`,
          float32Tensor(shape, this.#state.get(name) as Float32Array),
        ]),
      ),
    };
  }

  #carryOver(outputs: Readonly<Record<string, Tensor>>): void {
    setup.shared.parameters.set(outputs["next_parameters"]?.data as Float32Array);
    for (const name of this.#state.keys())
      this.#state.set(name, outputs[`next_state_${name}`]?.data as Float32Array);
    this.#shareScale();
  }

  /** The other workers read the scale where they read the parameters. */
  #shareScale(): void {
    const scale = this.#state.get(LOSS_SCALE);
    if (scale) setup.shared.lossScale?.set(scale);
  }

  get #skipped(): number {
    return this.#state.get("skipped_steps")?.[0] ?? 0;
  }

  async evaluate(starts: Int32Array): Promise<readonly ErrorSums[]> {
    const parameters = copyOf(setup.shared.parameters, this.#parameters);
    const all: ErrorSums[] = [];
    const { future: target, futureMask: mask } = this.#evaluationBuffers;
    for (const part of pieces(starts, setup.forward.windows)) {
      const sums = emptySums(setup.series.columns.length);
      this.#evaluationBuffers.fill(part);
      const outputs = await (this.#forward as Session).run({
        [PARAMETERS]: float32Tensor([size], parameters),
        ...this.#evaluationBuffers.feeds(),
        ...(setup.loss === "quantile" ? this.#evaluationBuffers.targets() : {}),
      });
      const quantileSums = outputs[QUANTILE_SUMS];
      if (quantileSums) addRange(sums.quantile, quantileSums.data as Float32Array, 0, sums.quantile.length);
      accumulateErrors(sums, { predictions: outputs["predictions"]?.data as Float32Array, target, mask });
      all.push(sums);
    }
    return all;
  }

  async predict(starts: Int32Array): Promise<Forecast> {
    const parameters = copyOf(setup.shared.parameters, this.#parameters);
    const { windows } = setup.forward;
    const found: Record<"predictions" | "quantiles", Float32Array[]> = { predictions: [], quantiles: [] };
    for (const part of pieces(starts, windows)) {
      this.#evaluationBuffers.fill(part);
      const outputs = await (this.#forward as Session).run({
        [PARAMETERS]: float32Tensor([size], parameters),
        ...this.#evaluationBuffers.feeds(),
        ...(setup.loss === "quantile" ? this.#evaluationBuffers.targets() : {}),
      });
      for (const name of ["predictions", "quantiles"] as const) {
        const values = outputs[name]?.data as Float32Array | undefined;
        if (values) found[name].push(values.slice(0, (values.length / windows) * part.length));
      }
    }
    const quantiles = found.quantiles.length > 0 ? joined(found.quantiles) : null;
    return { predictions: joined(found.predictions), quantiles };
  }

  readState(): Record<string, Float32Array> {
    return Object.fromEntries([...this.#state].map(([name, data]) => [name, data.slice()]));
  }

  writeState(state: Readonly<Record<string, Float32Array>>): void {
    for (const [name, data] of Object.entries(state)) this.#state.set(name, data);
    this.#shareScale();
  }
}

const worker = new StepWorker();
serveWorker<StepCalls>({
  load: (models) => worker.load(models),
  loadForward: (model) => worker.loadForward(model),
  sumLanes: (part) => worker.sumLanes(part),
  gradients: (share) => worker.gradients(share),
  update: (scalars) => worker.update(scalars),
  steps: (share) => worker.steps(share),
  evaluate: (starts) => worker.evaluate(starts),
  predict: (starts) => worker.predict(starts),
  readState: () => worker.readState(),
  writeState: (state) => worker.writeState(state),
});
