import { elementCount, encodeModel, type Graph, inferTypes } from "../onnx/index.ts";
import { buildUpdateGraph } from "../optim/index.ts";
import type { EngineOptions } from "./engine.ts";
import { buildGradientGraph } from "./gradient-graph.ts";
import { joinStep } from "./join-step.ts";
import { addLossScaling, type StateSlot, scalingState, torchLossScaling } from "./loss-scaling.ts";
import { liftParameters } from "./parameters.ts";
import { addQuantileSums } from "./quantile-loss.ts";
import { scanSteps } from "./scan-steps.ts";
import type { SharedSeries, StepModels, StepWorkerSetup } from "./step-calls.ts";

/**
 * Bytes of the widest activation in one run of a graph. Measured on TTM-R2 with 2 MB of second-level cache a core: from
 * an eighth of this (7 series) to this (56 series) a step loses a third of its time, beyond it only memory grows.
 */
const PIECE_BYTES = 700_000;

/** Series that a piece has at least, however wide the model: fewer would read its weights too often. */
const LEAST_SERIES = 8;

/** Pieces of a batch that fits into fewer, so that there is work for so many cores: where they keep {@link SHARED_SERIES}. */
const LEAST_PIECES = 8;
const SHARED_SERIES = 28;

/** Bytes of the gradients of one batch's lanes, and the lanes there are at least: two numbers that no machine decides. */
const LANE_BYTES = 128e6;
const LEAST_LANES = 16;

type UpdateOptions = Pick<
  EngineOptions,
  | "clipNorm"
  | "clipValue"
  | "decayFactors"
  | "layout"
  | "lossScaling"
  | "optimizer"
  | "precision"
  | "rateFactors"
>;

/** What an engine starts its workers with. */
export interface PreparedWorkers {
  /** One per worker; the first one also runs the update. */
  readonly setups: StepWorkerSetup[];
  readonly models: StepModels;
  /** The graph that forecasts. */
  readonly forward: Uint8Array;
}

/**
 * The graphs, and what each worker keeps beside them. How a batch is cut follows from the model and the batch alone: the same
 * windows get the same masks, and gradients are added up in the same order, on any number of workers.
 */
export function prepareWorkers(options: EngineOptions): PreparedWorkers {
  const { dataset, layout, loss, quantiles = null, stepsPerRun = 1 } = options;
  const windows = stepsPerRun > 1 ? options.batchSize : windowsPerPiece(options);
  const gradient = buildGradientGraph({
    ...options,
    forward: options.buildForward(windows, true),
    quantiles,
  });
  const plain = options.buildForward(windows, false);
  const lifted = liftParameters(plain, layout);
  const forward = loss === "quantile" ? addQuantileSums(lifted, quantiles) : lifted;
  const { update, state } = prepareUpdate(options);
  const piece = { windows, constants: options.constants?.(plain.inputs) ?? {} };
  const lanes = laneCount(Math.ceil(options.batchSize / windows), layout.size);
  const isScaled = options.precision === "float16";
  const scale = (options.lossScaling ?? torchLossScaling).initialScale;
  const common = {
    series: shareSeries(dataset),
    // the plan for memory comes on top of the first run's: a third more of it, and no faster at this size
    session: { intraOpThreads: 1, memPattern: false, ...options.session },
    stepsPerRun,
    loss,
    gradient: { ...piece, masks: gradient.masks },
    forward: piece,
    shared: {
      parameters: inSharedMemory(options.parameters),
      gradients: Array.from({ length: lanes }, () => inSharedMemory(new Float32Array(layout.size))),
      lossScale: isScaled ? inSharedMemory(Float32Array.of(scale)) : null,
    },
  };
  const steps =
    stepsPerRun > 1 ? scanSteps(joinStep({ gradient: gradient.graph, update }), stepsPerRun) : null;
  return {
    setups: Array.from({ length: Math.min(options.workers, lanes) }, (_, index) => ({
      ...common,
      state: index === 0 ? state : [],
    })),
    models: {
      gradient: encodeModel(gradient.graph).model,
      update: encodeModel(update).model,
      ...(steps ? { steps: encodeModel(steps).model } : {}),
    },
    forward: encodeModel(forward).model,
  };
}

/** The update graph, with a loss scale in float16, and the state that it carries. */
export function prepareUpdate(options: UpdateOptions): { update: Graph; state: readonly StateSlot[] } {
  const { layout, optimizer, precision, lossScaling = torchLossScaling } = options;
  const plain = buildUpdateGraph({ ...options, size: layout.size });
  const state = optimizer.state.map((name) => ({ name, shape: [layout.size], initial: 0 }));
  if (precision !== "float16") return { update: plain, state };
  return { update: addLossScaling(plain, lossScaling), state: [...state, ...scalingState(lossScaling)] };
}

/** How many sums of gradients a batch of so many pieces has: one a piece, or fewer where they would take much memory. */
function laneCount(pieces: number, parameters: number): number {
  const fitting = Math.floor(LANE_BYTES / (parameters * Float32Array.BYTES_PER_ELEMENT));
  return Math.min(pieces, Math.max(LEAST_LANES, fitting));
}

/** A batch is cut evenly, into as few pieces as keep to {@link PIECE_BYTES}, but for {@link LEAST_PIECES}. */
function windowsPerPiece({ dataset, buildForward, batchSize, microBatch, session }: EngineOptions): number {
  const channels = dataset.columns.length;
  const fitting = () => Math.floor(fittingSeries(buildForward(1, false), channels) / channels);
  const shared = Math.max(Math.ceil(SHARED_SERIES / channels), Math.floor(batchSize / LEAST_PIECES));
  const most = microBatch ?? (session?.device === "cuda" ? fitting() : Math.min(fitting(), shared));
  return Math.ceil(batchSize / Math.ceil(batchSize / Math.max(1, most)));
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

function shareSeries(dataset: SharedSeries): SharedSeries {
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

/** What lies in shared memory already, such as a stream's batches, is shared as it is. */
function copyToShared(values: Float32Array | Uint8Array): SharedArrayBuffer {
  if (values.buffer instanceof SharedArrayBuffer && values.byteLength === values.buffer.byteLength)
    return values.buffer;
  const buffer = new SharedArrayBuffer(values.byteLength);
  new Uint8Array(buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return buffer;
}
