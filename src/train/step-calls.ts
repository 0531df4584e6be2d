import type { Dataset } from "../data/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { SessionOptions } from "../runtime/index.ts";
import type { DropoutMask } from "./dropout.ts";
import type { ErrorSums } from "./error-sums.ts";
import type { Forecast } from "./forecast.ts";
import type { LossKind } from "./loss.ts";
import type { StateSlot } from "./loss-scaling.ts";

/** The part of a dataset that workers read; its arrays lie in shared memory. */
export type SharedSeries = Pick<
  Dataset,
  "series" | "observed" | "columns" | "targetChannels" | "conditionalChannels" | "context" | "horizon"
>;

/** How many windows one run of a graph takes. */
export interface PieceModel {
  readonly windows: number;
  /** Inputs that are the same in every run, such as a frequency token. */
  readonly constants: Readonly<Record<string, Tensor>>;
}

/** The graphs as bytes; sent by themselves, so that nothing keeps them once they are loaded. */
export interface StepModels {
  readonly gradient: Uint8Array;
  /** For the worker that also runs the update. */
  readonly update?: Uint8Array;
  /** Several whole steps in one run, where the engine is asked for it. */
  readonly steps?: Uint8Array;
}

/** What a worker keeps. Float32 arrays of parameters and gradients lie in shared memory. */
export interface StepWorkerSetup {
  readonly series: SharedSeries;
  readonly loss: LossKind;
  readonly gradient: PieceModel & { readonly masks: readonly DropoutMask[] };
  readonly forward: PieceModel;
  /** The optimizer's state, in the worker that also runs the update. */
  readonly state: readonly StateSlot[];
  readonly session: SessionOptions;
  /** Steps that one run of `steps` takes. */
  readonly stepsPerRun: number;
  readonly shared: {
    readonly parameters: Float32Array;
    /** One per lane of a batch; their sum goes into the first. */
    readonly gradients: readonly Float32Array[];
    /** One value, by which gradients are multiplied; null in float32. */
    readonly lossScale: Float32Array | null;
  };
}

/** Pieces of a batch whose gradients are added up one after the other, whichever worker runs them. */
export interface Lane {
  /** Which of the shared gradients it is summed into. */
  readonly index: number;
  /** First context row of each window. */
  readonly starts: Int32Array;
  /** Place of the first window's piece in the batch: dropout masks are drawn by it. */
  readonly firstPiece: number;
}

/** A worker's share of one batch. */
export interface GradientShare {
  readonly lanes: readonly Lane[];
  readonly step: number;
  readonly seed: number;
  /** 1 / observed target values of the whole batch. */
  readonly inverseCount: number;
}

/** Whole batches of the same number of windows, one after the other. */
export interface StepsShare {
  /** First context row of each window. */
  readonly starts: readonly Int32Array[];
  /** The first one's. */
  readonly step: number;
  readonly seed: number;
  /** 1 / observed target values, for each batch. */
  readonly inverseCounts: readonly number[];
  /** The optimizer's scalars, for each batch. */
  readonly scalars: readonly Readonly<Record<string, number>>[];
}

/** Of each step. */
export interface StepsResult {
  readonly losses: readonly number[];
  readonly gradNorms: readonly number[];
  /** Steps that were skipped since training began. */
  readonly skipped: number;
}

export interface UpdateResult {
  /** Before clipping; not finite where the step was skipped. */
  readonly gradNorm: number;
  /** Steps that were skipped since training began. */
  readonly skipped: number;
}

export interface StepCalls {
  /** Loads the graphs of training. */
  load(models: StepModels): void;
  /** Loads the graph that forecasts. */
  loadForward(model: Uint8Array): void;
  /** Writes the lanes' gradients into shared memory; returns each one's part of the loss. */
  gradients(share: GradientShare): readonly number[];
  /** Adds the gradients of all lanes up, in their order, for the values from `from` to `to`. */
  sumLanes(part: { readonly lanes: number; readonly from: number; readonly to: number }): void;
  /** Updates the parameters in shared memory by the summed gradient. */
  update(scalars: Readonly<Record<string, number>>): UpdateResult;
  /** Takes several steps in one run. */
  steps(share: StepsShare): StepsResult;
  /** Sums the errors of the forecasts over windows, for each piece. */
  evaluate(starts: Int32Array): readonly ErrorSums[];
  /** The forecasts of windows themselves. */
  predict(starts: Int32Array): Forecast;
  /** The optimizer's state vectors; copies. */
  readState(): Record<string, Float32Array>;
  writeState(state: Readonly<Record<string, Float32Array>>): void;
}
