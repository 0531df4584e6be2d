import type { CheckpointState, FitProgress } from "./checkpoint.ts";
import type { ErrorSums } from "./error-sums.ts";
import type { FitResult } from "./fit-model.ts";

/** Training is about to take its first step, or the first one after a checkpoint. */
export interface TrainingStart {
  /** Steps that were taken before: 0 unless training is resumed. */
  readonly step: number;
  readonly totalSteps: number;
  readonly epochs: number;
}

export interface StepReport {
  /** From 1. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  readonly totalSteps: number;
  readonly loss: number;
  /** Global norm of the gradient before clipping. */
  readonly gradNorm: number;
  readonly learningRate: number;
}

/** The validation windows were forecast. */
export interface EvaluationReport {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  /** Sums of the errors by channel, of every kind. */
  readonly sums: ErrorSums;
}

export interface EpochReport {
  readonly epoch: number;
  readonly step: number;
  /** Mean over the epoch's windows. */
  readonly trainLoss: number;
  /** Null without validation windows. */
  readonly validationLoss: number | null;
  /** Whether this is the best epoch so far. */
  readonly best: boolean;
  readonly seconds: number;
}

/** Why a callback ends training. */
export type StopReason = "early" | "pruned";

/** What a callback may ask of training and do to it. */
export interface TrainingControl {
  /** Where training stands. */
  readonly progress: FitProgress;
  /** Ends training after this event; the best epoch is kept as always. */
  stop(reason: StopReason): void;
  /** All that is needed to go on from here. Copies every parameter and asks a worker for the optimizer's state: take it seldom. */
  checkpoint(): Promise<CheckpointState>;
  /** The trained values as one flat vector; a copy. */
  readParameters(): Float32Array;
  /** The last step's gradient before clipping, laid out like the parameters; a copy. */
  readGradient(): Float32Array;
}

/**
 * Something that happens beside training: early stopping, checkpoints, progress, a user's own. Every hook is optional, and
 * training waits for a promise that it returns. What a hook throws ends training.
 *
 *     const slowest: TrainingCallback = { step: ({ step, gradNorm }) => console.log(step, gradNorm) };
 */
export interface TrainingCallback {
  start?(event: TrainingStart, control: TrainingControl): void | Promise<void>;
  step?(event: StepReport, control: TrainingControl): void | Promise<void>;
  /** After the validation windows of an epoch were forecast, before `epoch`. */
  evaluation?(event: EvaluationReport, control: TrainingControl): void | Promise<void>;
  epoch?(event: EpochReport, control: TrainingControl): void | Promise<void>;
  /** However training ended, unless by an error; the last step's parameters are still in place, the best epoch's come after. */
  end?(event: FitResult, control: TrainingControl): void | Promise<void>;
}
