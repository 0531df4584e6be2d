import { Random } from "../core/index.ts";
import type { Schedule } from "../optim/index.ts";
import type { Checkpoint, FitProgress } from "./checkpoint.ts";
import type { TrainEngine } from "./engine.ts";
import { meanLoss } from "./error-sums.ts";
import { TrainError } from "./errors.ts";
import type { LossKind } from "./loss.ts";

export interface FitOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
  readonly loss: LossKind;
  /** Epochs without a better validation loss after which training ends; null: never. */
  readonly patience: number | null;
  readonly trainStarts: Int32Array;
  /** Empty: no early stopping, the last epoch is kept. */
  readonly validationStarts: Int32Array;
  readonly targetChannels: readonly number[];
  /** Shuffles the windows. */
  readonly random: Random;
  /** Training ends after the current step once this is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on from here instead of from the beginning. */
  readonly resume?: Checkpoint | undefined;
  /**
   * Offered a checkpoint after every step, at the end of every epoch, and when training is aborted. Making one copies
   * the parameters and asks a worker for the optimizer's state, so take it seldom. Training waits for the promise.
   */
  readonly onCheckpoint?: (
    make: () => Promise<Omit<Checkpoint, "fingerprint">>,
    at: CheckpointMoment,
  ) => Promise<void> | void;
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (report: EpochReport) => void;
}

export type CheckpointMoment = "step" | "epoch" | "aborted";

export interface StepReport {
  /** From 1. */
  readonly step: number;
  /** From 1. */
  readonly epoch: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
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

export interface FitResult {
  /** Why training ended. */
  readonly end: "completed" | "early" | "aborted";
  /** The epoch whose parameters were kept, from 1; 0 if none was finished. */
  readonly bestEpoch: number;
  readonly bestValidationLoss: number | null;
  readonly epochs: readonly EpochReport[];
  readonly steps: number;
}

/** Batches per epoch times epochs. */
export function totalSteps(windows: number, batchSize: number, epochs: number): number {
  return Math.ceil(windows / batchSize) * epochs;
}

/**
 * Trains for some epochs and leaves the best epoch's parameters in the engine: the one with the lowest validation
 * loss, or the last one where there is nothing to validate on.
 */
export async function fitModel(engine: TrainEngine, options: FitOptions): Promise<FitResult> {
  requireWindows(options);
  const run = new FitRun(engine, options);
  if (options.resume) await run.restore(options.resume);
  return run.train();
}

/** One training from its first step, or from a checkpoint, to its end. */
class FitRun {
  readonly #engine: TrainEngine;
  readonly #options: FitOptions;
  #random: Random;
  #progress: FitProgress;
  #bestParameters: Float32Array | null = null;

  constructor(engine: TrainEngine, options: FitOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#random = options.random;
    this.#progress = {
      epoch: 1,
      windows: 0,
      lossSum: 0,
      random: [...options.random.state],
      steps: engine.steps,
      bestEpoch: 0,
      bestLoss: null,
      waited: 0,
      epochs: [],
    };
  }

  /** Goes on from a checkpoint. */
  async restore({ progress, parameters, bestParameters, optimizerState }: Checkpoint): Promise<void> {
    await this.#engine.restore({ parameters, optimizerState, steps: progress.steps });
    this.#progress = { ...progress };
    this.#bestParameters = bestParameters;
    this.#random = Random.fromState(progress.random);
  }

  /** However training ends, the engine is left with the best epoch's parameters. */
  async train(): Promise<FitResult> {
    try {
      const end = await this.#trainEpochs();
      const { bestEpoch, bestLoss, epochs } = this.#progress;
      return { end, bestEpoch, bestValidationLoss: bestLoss, epochs, steps: this.#engine.steps };
    } finally {
      if (this.#bestParameters) this.#engine.writeParameters(this.#bestParameters);
    }
  }

  async #trainEpochs(): Promise<FitResult["end"]> {
    while (this.#progress.epoch <= this.#options.epochs) {
      if (this.#exhausted) return "early";
      if (!(await this.#trainEpoch())) return "aborted";
    }
    return this.#exhausted ? "early" : "completed";
  }

  get #exhausted(): boolean {
    const { patience } = this.#options;
    return patience !== null && this.#progress.waited >= patience;
  }

  /** What is left of the epoch in progress; false if it was aborted. */
  async #trainEpoch(): Promise<boolean> {
    const started = performance.now();
    const { trainStarts, signal } = this.#options;
    const order = this.#random.permutation(trainStarts.length);
    while (this.#progress.windows < order.length) {
      if (signal?.aborted) return this.#aborted();
      await this.#step(order);
    }
    if (signal?.aborted) return this.#aborted();
    await this.#endEpoch(started);
    return true;
  }

  async #aborted(): Promise<false> {
    await this.#options.onCheckpoint?.(() => this.#checkpoint(), "aborted");
    return false;
  }

  /** One batch of the epoch's order. */
  async #step(order: Int32Array): Promise<void> {
    const { trainStarts, batchSize, schedule, epochs } = this.#options;
    const progress = this.#progress;
    const batch = order.subarray(progress.windows, progress.windows + batchSize);
    const starts = batch.map((window) => trainStarts[window] as number);
    const rate = schedule(this.#engine.steps);
    const { loss, gradNorm } = await this.#engine.step(starts, rate);
    this.#progress = {
      ...progress,
      windows: progress.windows + starts.length,
      lossSum: progress.lossSum + loss * starts.length,
      steps: this.#engine.steps,
    };
    this.#options.onStep?.({
      step: this.#engine.steps,
      epoch: progress.epoch,
      totalSteps: totalSteps(trainStarts.length, batchSize, epochs),
      loss,
      gradNorm,
      learningRate: rate.learningRate,
    });
    await this.#options.onCheckpoint?.(() => this.#checkpoint(), "step");
  }

  async #endEpoch(started: number): Promise<void> {
    const { epoch, lossSum, windows } = this.#progress;
    const validationLoss = await validate(this.#engine, this.#options);
    const best = this.#takeNote(validationLoss);
    const seconds = (performance.now() - started) / 1000;
    const report = {
      epoch,
      step: this.#engine.steps,
      trainLoss: lossSum / windows,
      validationLoss,
      best,
      seconds,
    };
    this.#progress = {
      ...this.#progress,
      epoch: epoch + 1,
      windows: 0,
      lossSum: 0,
      random: [...this.#random.state],
      epochs: [...this.#progress.epochs, report],
    };
    this.#options.onEpoch?.(report);
    await this.#options.onCheckpoint?.(() => this.#checkpoint(), "epoch");
  }

  /** Takes note of a finished epoch's validation loss; true if it is the best. */
  #takeNote(loss: number | null): boolean {
    const { bestLoss, waited, epoch } = this.#progress;
    const best = loss === null || bestLoss === null || loss < bestLoss;
    if (!best) {
      this.#progress = { ...this.#progress, waited: waited + 1 };
      return false;
    }
    // a loss over nothing observed is no bound for later epochs
    const bound = loss !== null && Number.isNaN(loss) ? null : loss;
    this.#progress = { ...this.#progress, waited: 0, bestLoss: bound, bestEpoch: epoch };
    this.#bestParameters = this.#engine.readParameters();
    return true;
  }

  async #checkpoint(): Promise<Omit<Checkpoint, "fingerprint">> {
    return {
      progress: this.#progress,
      parameters: this.#engine.readParameters(),
      bestParameters: this.#bestParameters,
      optimizerState: await this.#engine.readOptimizerState(),
    };
  }
}

async function validate(engine: TrainEngine, options: FitOptions): Promise<number | null> {
  const { validationStarts, loss, targetChannels } = options;
  if (validationStarts.length === 0) return null;
  return meanLoss(await engine.evaluate(validationStarts), loss, targetChannels);
}

function requireWindows({ trainStarts }: FitOptions): void {
  if (trainStarts.length > 0) return;
  throw new TrainError("TRAIN_NO_WINDOWS", "the train part has no window", {
    fix: "give more rows: data.split, data.fewshot_fraction, or a model with a shorter context",
  });
}
