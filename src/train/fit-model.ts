import { Random } from "../core/index.ts";
import type { Schedule } from "../optim/index.ts";
import type { Checkpoint, CheckpointState, FitProgress } from "./checkpoint.ts";
import type { TrainEngine } from "./engine.ts";
import { meanLoss } from "./error-sums.ts";
import { TrainError } from "./errors.ts";
import type { LossKind } from "./loss.ts";
import type { EpochReport, StopReason, TrainingCallback, TrainingControl } from "./training-callback.ts";

export interface FitOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
  readonly loss: LossKind;
  readonly trainStarts: Int32Array;
  /** Empty: the last epoch is kept. */
  readonly validationStarts: Int32Array;
  readonly targetChannels: readonly number[];
  /** Shuffles the windows. */
  readonly random: Random;
  /** Validates with, and keeps, the engine's moving average of the parameters instead of the parameters themselves. */
  readonly useAverage?: boolean;
  /** Training ends after the current step once this is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Goes on from here instead of from the beginning. */
  readonly resume?: Checkpoint | undefined;
  /** Called in this order at each event. */
  readonly callbacks?: readonly TrainingCallback[];
}

export interface FitResult {
  /** Why training ended: all epochs are done, a callback stopped it, or the signal did. */
  readonly end: "completed" | StopReason | "aborted";
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
  readonly #control: TrainingControl;
  #random: Random;
  #progress: FitProgress;
  #bestParameters: Float32Array | null = null;
  #stopped: StopReason | undefined;

  constructor(engine: TrainEngine, options: FitOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#random = options.random;
    this.#control = this.#makeControl();
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
      const { epochs: epochCount } = this.#options;
      const start = { step: this.#engine.steps, totalSteps: this.#totalSteps, epochs: epochCount };
      await this.#tell((callback) => callback.start?.(start, this.#control));
      const end = await this.#trainEpochs();
      const { bestEpoch, bestLoss, epochs } = this.#progress;
      const result = { end, bestEpoch, bestValidationLoss: bestLoss, epochs, steps: this.#engine.steps };
      await this.#tell((callback) => callback.end?.(result, this.#control));
      return result;
    } finally {
      if (this.#bestParameters) this.#engine.writeParameters(this.#bestParameters);
    }
  }

  async #trainEpochs(): Promise<FitResult["end"]> {
    while (this.#progress.epoch <= this.#options.epochs) {
      if (this.#stopped) return this.#stopped;
      if (this.#options.signal?.aborted) return "aborted";
      await this.#trainEpoch();
    }
    return this.#stopped ?? "completed";
  }

  /** What is left of the epoch in progress, up to its end or to where training is stopped. */
  async #trainEpoch(): Promise<void> {
    const started = performance.now();
    const { trainStarts } = this.#options;
    const order = this.#random.permutation(trainStarts.length);
    while (this.#progress.windows < order.length && !this.#isInterrupted) await this.#step(order);
    if (!this.#isInterrupted) await this.#endEpoch(started);
  }

  get #isInterrupted(): boolean {
    return this.#stopped !== undefined || this.#options.signal?.aborted === true;
  }

  get #totalSteps(): number {
    const { trainStarts, batchSize, epochs } = this.#options;
    return totalSteps(trainStarts.length, batchSize, epochs);
  }

  /** The next batch of the epoch's order, or as many as the engine takes in one run. */
  async #step(order: Int32Array): Promise<void> {
    const { trainStarts, schedule } = this.#options;
    const progress = this.#progress;
    const batches = this.#nextBatches(order).map((batch) =>
      batch.map((window) => trainStarts[window] as number),
    );
    const first = this.#engine.steps;
    const rates = batches.map((_, index) => schedule(first + index, monitoredLosses(progress)));
    const results = await this.#engine.stepMany(batches, rates);
    // a step that overflowed in half precision changed nothing, and its loss may be no number
    const lossOf = (index: number) => {
      const loss = results[index]?.loss ?? 0;
      return Number.isFinite(loss) ? loss * (batches[index]?.length ?? 0) : 0;
    };
    this.#progress = {
      ...progress,
      windows: progress.windows + batches.reduce((sum, { length }) => sum + length, 0),
      lossSum: batches.reduce((sum, _, index) => sum + lossOf(index), progress.lossSum),
      steps: this.#engine.steps,
    };
    for (const [index, { loss, gradNorm }] of results.entries()) {
      const report = {
        step: first + index + 1,
        epoch: progress.epoch,
        totalSteps: this.#totalSteps,
        loss,
        gradNorm,
        learningRate: rates[index]?.learningRate ?? 0,
      };
      await this.#tell((callback) => callback.step?.(report, this.#control));
    }
  }

  #nextBatches(order: Int32Array): Int32Array[] {
    const { batchSize } = this.#options;
    const batches: Int32Array[] = [];
    for (let from = this.#progress.windows; from < order.length; from += batchSize) {
      if (batches.length === this.#engine.stepsPerRun) break;
      batches.push(order.subarray(from, from + batchSize));
    }
    return batches;
  }

  async #endEpoch(started: number): Promise<void> {
    const { epoch, lossSum, windows } = this.#progress;
    const kept = await this.#keptParameters();
    const validationLoss = await this.#validate(kept);
    const best = this.#takeNote(validationLoss, kept);
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
    await this.#tell((callback) => callback.epoch?.(report, this.#control));
  }

  /** What an epoch is judged by and kept as: the parameters, or their moving average. */
  #keptParameters(): Float32Array | Promise<Float32Array> {
    return this.#options.useAverage ? this.#engine.readAverage() : this.#engine.readParameters();
  }

  async #validate(kept: Float32Array): Promise<number | null> {
    const { validationStarts, loss, targetChannels } = this.#options;
    if (validationStarts.length === 0) return null;
    const sums = await this.#engine.evaluateWith(kept, validationStarts);
    const report = {
      epoch: this.#progress.epoch,
      step: this.#engine.steps,
      loss: meanLoss(sums, loss, targetChannels),
      sums,
    };
    await this.#tell((callback) => callback.evaluation?.(report, this.#control));
    return report.loss;
  }

  /** Takes note of a finished epoch's validation loss; true if it is the best. */
  #takeNote(loss: number | null, kept: Float32Array): boolean {
    const { bestLoss, waited, epoch } = this.#progress;
    const best = loss === null || bestLoss === null || loss < bestLoss;
    if (!best) {
      this.#progress = { ...this.#progress, waited: waited + 1 };
      return false;
    }
    // a loss over nothing observed is no bound for later epochs
    const bound = loss !== null && Number.isNaN(loss) ? null : loss;
    this.#progress = { ...this.#progress, waited: 0, bestLoss: bound, bestEpoch: epoch };
    this.#bestParameters = kept;
    return true;
  }

  /** Calls every callback; one without a promise costs no turn of the event loop. */
  async #tell(call: (callback: TrainingCallback) => void | Promise<void>): Promise<void> {
    for (const callback of this.#options.callbacks ?? []) {
      const done = call(callback);
      if (done) await done;
    }
  }

  #makeControl(): TrainingControl {
    const progress = () => this.#progress;
    return {
      get progress() {
        return progress();
      },
      stop: (reason) => {
        this.#stopped ??= reason;
      },
      checkpoint: () => this.#checkpoint(),
      readParameters: () => this.#engine.readParameters(),
      readGradient: () => this.#engine.readGradient(),
    };
  }

  async #checkpoint(): Promise<CheckpointState> {
    return {
      progress: this.#progress,
      parameters: this.#engine.readParameters(),
      bestParameters: this.#bestParameters,
      optimizerState: await this.#engine.readOptimizerState(),
      shares: this.#engine.shares,
    };
  }
}

/** The losses of finished epochs that a schedule may follow: on the validation windows, or in training without them. */
function monitoredLosses({ epochs }: FitProgress): readonly number[] {
  return epochs.map(({ validationLoss, trainLoss }) => validationLoss ?? trainLoss);
}

function requireWindows({ trainStarts }: FitOptions): void {
  if (trainStarts.length > 0) return;
  throw new TrainError("TRAIN_NO_WINDOWS", "the train part has no window", {
    fix: "give more rows: data.split, data.fewshot_fraction, or a model with a shorter context",
  });
}
