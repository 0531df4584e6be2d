import type { Dataset } from "../data/index.ts";
import {
  elementCount,
  encodeModel,
  type Graph,
  inferTypes,
  type Tensor,
  type ValueInfo,
} from "../onnx/index.ts";
import { buildUpdateGraph, type Optimizer, type Rate } from "../optim/index.ts";
import { spawnWorker, type WorkerHandle, workerUrl } from "../runtime/index.ts";
import { addSums, type ErrorSums, emptySums } from "./error-sums.ts";
import { TrainError } from "./errors.ts";
import { buildGradientGraph } from "./gradient-graph.ts";
import type { LossKind } from "./loss.ts";
import { liftParameters, type ParameterLayout } from "./parameters.ts";
import { addQuantileSums } from "./quantile-loss.ts";
import type { SharedSeries, StepCalls, StepModels, StepWorkerSetup } from "./step-calls.ts";

/**
 * Bytes of the widest activation in one run of a graph. Measured on TTM-R2 with 2 MB of second-level cache a core: from
 * an eighth of this (7 series) to this (56 series) a step loses a third of its time, beyond it only memory grows.
 */
const PIECE_BYTES = 700_000;

/** Series that a piece has at least, however wide the model: fewer would read its weights too often. */
const LEAST_SERIES = 8;

export interface EngineOptions {
  readonly dataset: Dataset;
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
  readonly rateFactors?: Float32Array | undefined;
  readonly decayFactors?: Float32Array | undefined;
  /** Where the graphs run; the CPU where left out. */
  readonly device?: "cpu" | "cuda";
  readonly workers: number;
  readonly pieceSeries: number | null;
  readonly batchSize: number;
  /** Seeds the dropout masks. */
  readonly seed: number;
}

export interface StepResult {
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradNorm: number;
}

/**
 * Runs train steps and evaluations on worker threads. A batch is cut into pieces; each worker runs the gradient graph
 * on its share with one thread and sums the gradients, then one of them runs the update graph.
 */
export class TrainEngine {
  readonly #options: EngineOptions;
  readonly #workers: readonly WorkerHandle<StepCalls>[];
  readonly #parameters: Float32Array;
  readonly #pieceWindows: number;
  #steps = 0;

  private constructor(options: EngineOptions, setups: readonly StepWorkerSetup[]) {
    const [first] = setups as [StepWorkerSetup];
    this.#options = options;
    this.#parameters = first.shared.parameters;
    this.#pieceWindows = first.gradient.windows;
    const url = workerUrl("step-worker", import.meta.url);
    this.#workers = setups.map((setup) =>
      spawnWorker<StepCalls>(url, setup, { name: `step-worker ${setup.index}` }),
    );
  }

  /** Builds the graphs, starts the workers and loads the graphs there. */
  static async start(options: EngineOptions): Promise<TrainEngine> {
    const { setups, models } = prepareWorkers(options);
    const engine = new TrainEngine(options, setups);
    try {
      await Promise.all(
        engine.#workers.map((worker, index) => {
          const { update, ...both } = models;
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

  /** The optimizer's state vectors by name; copies. */
  readOptimizerState(): Promise<Record<string, Float32Array>> {
    return (this.#workers[0] as WorkerHandle<StepCalls>).call("readState", undefined);
  }

  /** Puts the engine where another one stood. */
  async restore(state: {
    readonly parameters: Float32Array;
    readonly optimizerState: Readonly<Record<string, Float32Array>>;
    readonly steps: number;
  }): Promise<void> {
    this.writeParameters(state.parameters);
    await (this.#workers[0] as WorkerHandle<StepCalls>).call("writeState", state.optimizerState);
    this.#steps = state.steps;
  }

  /** One optimizer step on the windows that begin at `starts`. */
  async step(starts: Int32Array, rate: Rate): Promise<StepResult> {
    const { optimizer, seed, dataset } = this.#options;
    const inverseCount = 1 / observedTargets(dataset, starts);
    const shares = shareOut(starts, this.#pieceWindows, this.#workers.length);
    const losses = await Promise.all(
      this.#workers.map((worker, index) => {
        const share = shares[index] as { starts: Int32Array; firstPiece: number };
        return worker.call("gradients", { ...share, step: this.#steps, seed, inverseCount });
      }),
    );
    const loss = losses.reduce((sum, part) => sum + part, 0);
    if (!Number.isFinite(loss)) throw diverged("the loss", loss, this.#steps);
    const scalars = optimizer.scalarValues({ index: this.#steps + 1, ...rate });
    const gradNorm = await (this.#workers[0] as WorkerHandle<StepCalls>).call("update", scalars);
    if (!Number.isFinite(gradNorm)) throw diverged("the gradient's norm", gradNorm, this.#steps);
    this.#steps++;
    return { loss, gradNorm };
  }

  /** Errors of the forecasts over windows, with the parameters as they are now. */
  async evaluate(starts: Int32Array): Promise<ErrorSums> {
    const shares = shareOut(starts, this.#pieceWindows, this.#workers.length);
    const parts = await Promise.all(
      this.#workers.map((worker, index) =>
        worker.call("evaluate", (shares[index] as { starts: Int32Array }).starts),
      ),
    );
    const sums = emptySums(this.#options.dataset.columns.length);
    for (const part of parts) addSums(sums, part);
    return sums;
  }

  /** Ends the workers. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** The graphs, and what each worker keeps beside them; the first one also runs the update. */
function prepareWorkers(options: EngineOptions): { setups: StepWorkerSetup[]; models: StepModels } {
  const { dataset, layout, optimizer, loss, quantiles = null, workers } = options;
  const windows = windowsPerPiece(options);
  const gradient = buildGradientGraph({
    forward: options.buildForward(windows, true),
    layout,
    loss,
    quantiles,
    ...(options.stopGradients ? { stopGradients: options.stopGradients } : {}),
  });
  const plain = options.buildForward(windows, false);
  const lifted = liftParameters(plain, layout);
  const forward = loss === "quantile" ? addQuantileSums(lifted, quantiles) : lifted;
  const update = buildUpdateGraph({ ...options, size: layout.size, parts: workers });
  const piece = { windows, constants: options.constants?.(plain.inputs) ?? {} };
  const common = {
    series: shareSeries(dataset),
    device: options.device ?? "cpu",
    loss,
    gradient: { ...piece, masks: gradient.masks },
    forward: piece,
    shared: {
      parameters: inSharedMemory(options.parameters),
      gradients: Array.from({ length: workers }, () => inSharedMemory(new Float32Array(layout.size))),
    },
  };
  return {
    setups: Array.from({ length: workers }, (_, index) => ({
      ...common,
      index,
      state: index === 0 ? optimizer.state : [],
    })),
    models: {
      gradient: encodeModel(gradient.graph).model,
      forward: encodeModel(forward).model,
      update: encodeModel(update).model,
    },
  };
}

/** A worker's share of a batch is cut evenly, into as few pieces as keep to {@link PIECE_BYTES}. */
function windowsPerPiece({ dataset, buildForward, batchSize, pieceSeries, workers }: EngineOptions): number {
  const channels = dataset.columns.length;
  const series = pieceSeries ?? fittingSeries(buildForward(1, false), channels);
  const most = Math.max(1, Math.floor(series / channels));
  const share = Math.ceil(batchSize / workers);
  return Math.ceil(share / Math.ceil(share / most));
}

/** How many series keep the widest activation of a graph for one window within {@link PIECE_BYTES}. */
function fittingSeries(forward: Graph, channels: number): number {
  const types = inferTypes(forward);
  const activations = new Set(forward.inputs.map(({ name }) => name));
  let widest = 1;
  for (const { inputs, outputs } of forward.nodes) {
    if (!inputs.some((name) => activations.has(name))) continue;
    for (const name of outputs) {
      activations.add(name);
      widest = Math.max(widest, elementCount(types.get(name)?.shape ?? []));
    }
  }
  const bytesPerSeries = (Float32Array.BYTES_PER_ELEMENT * widest) / channels;
  return Math.max(LEAST_SERIES, Math.floor(PIECE_BYTES / bytesPerSeries));
}

function shareSeries(dataset: Dataset): SharedSeries {
  const { columns, targetChannels, conditionalChannels, context, horizon, series, observed } = dataset;
  return {
    columns,
    targetChannels,
    conditionalChannels,
    context,
    horizon,
    series: inSharedMemory(series),
    observed: observed && new Uint8Array(copyToShared(observed)),
  };
}

function inSharedMemory(values: Float32Array): Float32Array {
  return new Float32Array(copyToShared(values));
}

function copyToShared(values: Float32Array | Uint8Array): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return buffer;
}

/** Whole pieces for each worker, as evenly as they divide. */
export function shareOut(
  starts: Int32Array,
  windows: number,
  workers: number,
): { starts: Int32Array; firstPiece: number }[] {
  const count = Math.ceil(starts.length / windows);
  return Array.from({ length: workers }, (_, index) => {
    const firstPiece = Math.floor((count * index) / workers);
    const end = Math.floor((count * (index + 1)) / workers);
    return { starts: starts.slice(firstPiece * windows, end * windows), firstPiece };
  });
}

/** How many target values of these windows are observed. */
function observedTargets(dataset: Dataset, starts: Int32Array): number {
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

function diverged(what: string, value: number, step: number): TrainError {
  return new TrainError("TRAIN_DIVERGED", `${what} became ${value}`, {
    where: `step ${step + 1}`,
    fix: "lower training.learning_rate, or set training.clip_norm",
  });
}
