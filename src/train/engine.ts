import type { Graph, HalfDType, PassName, Tensor, ValueInfo } from "../onnx/index.ts";
import type { Optimizer, Rate } from "../optim/index.ts";
import { type SessionOptions, spawnWorker, type WorkerHandle, workerUrl } from "../runtime/index.ts";
import type { BatchShares } from "./checkpoint.ts";
import { addSums, type ErrorSums, emptySums } from "./error-sums.ts";
import { TrainError } from "./errors.ts";
import { type Forecast, joined } from "./forecast.ts";
import type { LossKind } from "./loss.ts";
import type { LossScaling } from "./loss-scaling.ts";
import type { ParameterLayout } from "./parameters.ts";
import { type PreparedWorkers, prepareWorkers } from "./prepare-workers.ts";
import type { Lane, SharedSeries, StepCalls, StepWorkerSetup } from "./step-calls.ts";

export interface EngineOptions {
  /** The series that windows are cut from, such as a dataset. */
  readonly dataset: SharedSeries;
  /** Builds the forward graph for a number of windows; `training` asks for its Dropout nodes. */
  readonly buildForward: (windows: number, training: boolean) => Graph;
  readonly layout: ParameterLayout;
  /** Initial values of the flat parameter vector. */
  readonly parameters: Float32Array;
  readonly stopGradients?: ReadonlySet<string>;
  /** Inputs of the forward graph that are the same in every run, such as a frequency token: from all of its inputs. */
  readonly constants?: (inputs: readonly ValueInfo[]) => Readonly<Record<string, Tensor>>;
  readonly loss: LossKind;
  /** The model's levels, where it forecasts quantiles. */
  readonly quantiles?: readonly number[] | null;
  readonly optimizer: Optimizer;
  readonly clipNorm: number | null;
  readonly clipValue?: number | null;
  readonly rateFactors?: Float32Array | undefined;
  readonly decayFactors?: Float32Array | undefined;
  /** Where and how the graphs run: on the CPU, with one thread a worker, where left out. */
  readonly session?: SessionOptions;
  /** At most so many: there are no more than a batch has pieces. */
  readonly workers: number;
  /** Windows that a worker runs at once; null: as many as a core's cache holds. */
  readonly microBatch: number | null;
  /** Steps that one run takes where it can; more than 1 wants one worker, which runs whole batches. Default 1. */
  readonly stepsPerRun?: number;
  /** In what products are computed while training; default float32. */
  readonly precision?: "float32" | HalfDType;
  /** Rule of the loss scale in float16; torch's where left out. */
  readonly lossScaling?: LossScaling;
  /** Passes that are left out of the gradient graph. */
  readonly disabledPasses?: readonly PassName[];
  readonly batchSize: number;
  /** Seeds the dropout masks. */
  readonly seed: number;
}

export interface StepResult {
  readonly loss: number;
  /** Global norm of the gradient before clipping; 0 where the step was skipped. */
  readonly gradNorm: number;
  /** Whether a gradient overflowed in float16, so that nothing was changed but the loss scale. */
  readonly skipped?: boolean;
}

/** A loss scale that has fallen by so many halvings in a row is no overflow any more, but a training that diverges. */
const MOST_SKIPS = 40;

/**
 * Runs train steps and evaluations on worker threads. A batch is cut into pieces; each worker runs the gradient graph
 * on its share with one thread, then the gradients are summed and one worker runs the update graph. A step is the same on any
 * number of workers: the pieces, their masks and the order of the sums follow from the model and the batch.
 */
export class TrainEngine {
  readonly #options: EngineOptions;
  readonly #workers: readonly WorkerHandle<StepCalls>[];
  readonly #parameters: Float32Array;
  readonly #gradients: readonly Float32Array[];
  /** What the gradients were multiplied by, in half precision. */
  readonly #lossScale: Float32Array | null;
  readonly #pieceWindows: number;
  /** The graph that forecasts, and the workers that have not loaded it. */
  readonly #forward: { model: Uint8Array | null; readonly missing: Set<WorkerHandle<StepCalls>> };
  #steps = 0;
  /** Steps that changed nothing, in all and in a row. */
  #skipped = 0;
  #skippedInRow = 0;

  private constructor(options: EngineOptions, { setups, forward }: PreparedWorkers) {
    const [first] = setups as [StepWorkerSetup];
    this.#options = options;
    this.#parameters = first.shared.parameters;
    this.#gradients = first.shared.gradients;
    this.#lossScale = first.shared.lossScale;
    this.#pieceWindows = first.gradient.windows;
    const url = workerUrl("step-worker", import.meta.url);
    this.#workers = setups.map((setup, index) =>
      spawnWorker<StepCalls>(url, setup, { name: `step-worker ${index}` }),
    );
    this.#forward = { model: forward, missing: new Set(this.#workers) };
  }

  /** Builds the graphs, starts the workers and loads the graphs of training there. */
  static async start(options: EngineOptions): Promise<TrainEngine> {
    const prepared = prepareWorkers(options);
    const { models } = prepared;
    const engine = new TrainEngine(options, prepared);
    try {
      await Promise.all(
        engine.#workers.map((worker, index) => {
          const { update, steps, ...both } = models;
          return worker.call("load", index === 0 ? models : both);
        }),
      );
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The trained values now; a copy. */
  readParameters(): Float32Array {
    return Float32Array.from(this.#parameters);
  }

  writeParameters(values: Float32Array): void {
    this.#parameters.set(values);
  }

  /** The last step's gradient before clipping; a copy. */
  readGradient(): Float32Array {
    const total = Float32Array.from(this.#gradients[0] as Float32Array);
    const scale = this.#lossScale?.[0] ?? 1;
    return scale === 1 ? total : total.map((value) => value / scale);
  }

  /** The moving average of the parameters, from an optimizer that keeps one (`withAverage`); a copy. */
  async readAverage(): Promise<Float32Array> {
    const { optimizer } = this.#options;
    const state = await this.readOptimizerState();
    return optimizer.average?.(state, this.#steps - this.#skipped) ?? this.readParameters();
  }

  /** How batches are cut here. */
  get shares(): BatchShares {
    return { workers: this.#workers.length, pieceWindows: this.#pieceWindows };
  }

  /** The optimizer's state vectors by name; copies. */
  readOptimizerState(): Promise<Record<string, Float32Array>> {
    return this.#first.call("readState", undefined);
  }

  /**
   * Puts the engine where another one stood.
   *
   * @throws {TrainError} TRAIN_BAD_CHECKPOINT where the optimizer's state or the parameters are not those that are trained here
   */
  async restore(state: {
    readonly parameters: Float32Array;
    readonly optimizerState: Readonly<Record<string, Float32Array>>;
    readonly steps: number;
  }): Promise<void> {
    requireFitting(state, {
      parameters: this.#parameters.length,
      optimizerState: await this.readOptimizerState(),
    });
    this.writeParameters(state.parameters);
    await this.#first.call("writeState", state.optimizerState);
    this.#steps = state.steps;
    this.#skipped = state.optimizerState["skipped_steps"]?.[0] ?? 0;
  }

  /** In what products are computed. */
  get precision(): "float32" | HalfDType {
    return this.#options.precision ?? "float32";
  }

  /** How many batches {@link stepMany} takes in one run of a graph. */
  get stepsPerRun(): number {
    return this.#options.stepsPerRun ?? 1;
  }

  /** One optimizer step on the windows that begin at `starts`. */
  async step(starts: Int32Array, rate: Rate): Promise<StepResult> {
    const { seed, dataset } = this.#options;
    const inverseCount = 1 / observedTargets(dataset, starts);
    const lanes = cutLanes(starts, this.#pieceWindows, this.#gradients.length);
    const losses = await Promise.all(
      this.#portions(lanes.length).map(({ worker, from, to }) =>
        worker.call("gradients", { lanes: lanes.slice(from, to), step: this.#steps, seed, inverseCount }),
      ),
    );
    const loss = losses.flat().reduce((sum, part) => sum + part, 0);
    if (!this.#mayOverflow && !Number.isFinite(loss)) throw diverged("the loss", loss, this.#steps);
    await this.#sumLanes(lanes.length);
    const { gradNorm, skipped } = await this.#first.call("update", this.#scalarsAt(this.#steps, rate));
    return this.#noteStep(loss, gradNorm, skipped > this.#skipped);
  }

  /** Every worker sums a part of the values. */
  async #sumLanes(lanes: number): Promise<void> {
    if (lanes === 1) return;
    const parts = this.#portions(this.#parameters.length);
    await Promise.all(parts.map(({ worker, from, to }) => worker.call("sumLanes", { lanes, from, to })));
  }

  /** So many things dealt out to the workers, as evenly as they divide; without those that get none. */
  #portions(count: number): { worker: WorkerHandle<StepCalls>; from: number; to: number }[] {
    const place = (index: number) => Math.floor((count * index) / this.#workers.length);
    return this.#workers
      .map((worker, index) => ({ worker, from: place(index), to: place(index + 1) }))
      .filter(({ from, to }) => to > from);
  }

  /**
   * Several optimizer steps, one run of a graph for each {@link stepsPerRun} whole batches. The results are those of
   * {@link step} one after the other; but where a step is skipped, the optimizer's corrections for the number of its steps
   * follow only in the next run.
   */
  async stepMany(batches: readonly Int32Array[], rates: readonly Rate[]): Promise<StepResult[]> {
    const { stepsPerRun } = this;
    const results: StepResult[] = [];
    for (let from = 0; from < batches.length; from += stepsPerRun) {
      const part = batches.slice(from, from + stepsPerRun);
      const isWhole = part.every(({ length }) => length === this.#options.batchSize);
      if (stepsPerRun > 1 && part.length === stepsPerRun && isWhole) {
        results.push(...(await this.#run(part, rates.slice(from))));
        continue;
      }
      for (const [index, starts] of part.entries())
        results.push(await this.step(starts, rates[from + index] as Rate));
    }
    return results;
  }

  async #run(batches: readonly Int32Array[], rates: readonly Rate[]): Promise<StepResult[]> {
    const { seed, dataset } = this.#options;
    const { losses, gradNorms } = await this.#first.call("steps", {
      starts: batches,
      step: this.#steps,
      seed,
      inverseCounts: batches.map((starts) => 1 / observedTargets(dataset, starts)),
      scalars: batches.map((_, index) => this.#scalarsAt(this.#steps + index, rates[index] as Rate)),
    });
    return losses.map((loss, index) => {
      if (!this.#mayOverflow && !Number.isFinite(loss)) throw diverged("the loss", loss, this.#steps);
      const gradNorm = gradNorms[index] as number;
      return this.#noteStep(loss, gradNorm, this.#mayOverflow && !Number.isFinite(gradNorm));
    });
  }

  get #first(): WorkerHandle<StepCalls> {
    return this.#workers[0] as WorkerHandle<StepCalls>;
  }

  get #mayOverflow(): boolean {
    return this.#options.precision === "float16";
  }

  /** What the optimizer is fed in a step; skipped ones do not count for it. */
  #scalarsAt(step: number, rate: Rate): Readonly<Record<string, number>> {
    return this.#options.optimizer.scalarValues({ index: step + 1 - this.#skipped, ...rate });
  }

  #noteStep(loss: number, gradNorm: number, skipped: boolean): StepResult {
    this.#skippedInRow = skipped ? this.#skippedInRow + 1 : 0;
    const isStuck = this.#skippedInRow >= MOST_SKIPS;
    if ((!skipped || isStuck) && !Number.isFinite(gradNorm))
      throw diverged("the gradient's norm", gradNorm, this.#steps);
    this.#steps++;
    if (!skipped) return { loss, gradNorm };
    this.#skipped++;
    return { loss, gradNorm: 0, skipped };
  }

  /** Errors of the forecasts over windows, with the parameters as they are now. */
  async evaluate(starts: Int32Array): Promise<ErrorSums> {
    const parts = await this.#forecast(starts, (worker, part) => worker.call("evaluate", part));
    const sums = emptySums(this.#options.dataset.columns.length);
    for (const part of parts.flat()) addSums(sums, part);
    return sums;
  }

  /** The forecasts of windows themselves, in their order, with the parameters as they are now. */
  async predict(starts: Int32Array): Promise<Forecast> {
    const parts = await this.#forecast(starts, (worker, part) => worker.call("predict", part));
    const quantiles = parts.flatMap((part) => part.quantiles ?? []);
    return {
      predictions: joined(parts.map((part) => part.predictions)),
      quantiles: quantiles.length > 0 ? joined(quantiles) : null,
    };
  }

  /** Whole pieces for each worker; one that has none loads no graph for it. */
  #forecast<Part>(
    starts: Int32Array,
    run: (worker: WorkerHandle<StepCalls>, starts: Int32Array) => Promise<Part>,
  ): Promise<Part[]> {
    const windows = this.#pieceWindows;
    const portions = this.#portions(Math.ceil(starts.length / windows));
    return Promise.all(
      portions.map(async ({ worker, from, to }) => {
        await this.#loadForward(worker);
        return run(worker, starts.slice(from * windows, to * windows));
      }),
    );
  }

  async #loadForward(worker: WorkerHandle<StepCalls>): Promise<void> {
    const { model, missing } = this.#forward;
    if (!model || !missing.has(worker)) return;
    await worker.call("loadForward", model);
    missing.delete(worker);
    if (missing.size === 0) this.#forward.model = null;
  }

  /** {@link evaluate} with other parameters; the engine's own are left as they were. */
  async evaluateWith(parameters: Float32Array, starts: Int32Array): Promise<ErrorSums> {
    const kept = this.readParameters();
    this.writeParameters(parameters);
    try {
      return await this.evaluate(starts);
    } finally {
      this.writeParameters(kept);
    }
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Whole pieces for each of at most `most` lanes, as evenly as they divide. */
export function cutLanes(starts: Int32Array, windows: number, most: number): Lane[] {
  const count = Math.ceil(starts.length / windows);
  const lanes = Math.min(count, most);
  return Array.from({ length: lanes }, (_, index) => {
    const firstPiece = Math.floor((count * index) / lanes);
    const end = Math.floor((count * (index + 1)) / lanes);
    return { index, starts: starts.slice(firstPiece * windows, end * windows), firstPiece };
  });
}

/** How many target values of these windows are observed. */
function observedTargets(dataset: SharedSeries, starts: Int32Array): number {
  const { observed, columns, context, horizon, targetChannels } = dataset;
  if (!observed) return starts.length * horizon * targetChannels.length;
  let count = 0;
  for (const start of starts) {
    for (let row = start + context; row < start + context + horizon; row++) {
      for (const channel of targetChannels) count += observed[row * columns.length + channel] as number;
    }
  }
  return Math.max(1, count);
}

/** A state vector that is missing would be trained on from zeros, one too many be dropped: both without a word. */
function requireFitting(
  given: {
    readonly parameters: Float32Array;
    readonly optimizerState: Readonly<Record<string, Float32Array>>;
  },
  own: { readonly parameters: number; readonly optimizerState: Readonly<Record<string, Float32Array>> },
): void {
  const lengths = (state: Readonly<Record<string, Float32Array>>) =>
    Object.entries(state).map(([name, { length }]) => `${name} [${length}]`);
  const [has, wants] = [
    [`parameters [${given.parameters.length}]`, ...lengths(given.optimizerState)],
    [`parameters [${own.parameters}]`, ...lengths(own.optimizerState)],
  ];
  const missing = wants.filter((one) => !has.includes(one));
  const extra = has.filter((one) => !wants.includes(one));
  if (missing.length + extra.length === 0) return;
  const faults = [
    ...missing.map((one) => `${one} is missing`),
    ...extra.map((one) => `${one} has no place here`),
  ];
  throw new TrainError(
    "TRAIN_BAD_CHECKPOINT",
    `the checkpoint is of another training: ${faults.join(", ")}`,
    {
      fix: "resume with the optimizer, the precision and the device that the run was started with",
    },
  );
}

function diverged(what: string, value: number, step: number): TrainError {
  return new TrainError("TRAIN_DIVERGED", `${what} became ${value}`, {
    where: `step ${step + 1}`,
    fix: "lower training.learning_rate, or set training.clip_norm",
  });
}
