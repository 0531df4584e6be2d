import type { Schedule } from "../optim/index.ts";
import type { TrainEngine } from "./engine.ts";
import { meanErrors, meanLoss } from "./error-sums.ts";
import type { LossKind } from "./loss.ts";
import type { SeriesStream } from "./series-stream.ts";
import type { StreamCheckpoint, StreamProgress } from "./stream-checkpoint.ts";
import type { StepReport } from "./training-callback.ts";

export interface FitStreamOptions {
  readonly stream: Pick<SeriesStream, "batch" | "validationStarts">;
  /** Optimizer steps in all. */
  readonly steps: number;
  readonly schedule: Schedule;
  readonly loss: LossKind;
  /** Steps between two validations, and between two checkpoints. */
  readonly validateEvery: number;
  readonly checkpointEvery: number;
  /** Goes on from here instead of from the beginning. */
  readonly resume?: StreamCheckpoint | null;
  /** Training ends after the current step once this is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Training waits for the promise. */
  readonly onCheckpoint?: (checkpoint: Omit<StreamCheckpoint, "fingerprint">) => Promise<void>;
  readonly onStep?: (report: StepReport) => void;
  readonly onValidation?: (report: ValidationReport) => void;
}

export interface ValidationReport {
  readonly step: number;
  readonly totalSteps: number;
  /** Mean over the steps since the last validation. */
  readonly trainLoss: number;
  /** Of the averaged parameters, on the held-out series. */
  readonly validationLoss: number;
  /** Mean squared error there, in units of the contexts' variance. */
  readonly validationMse: number;
  /** Seconds of training so far, over all sittings. */
  readonly seconds: number;
}

export interface FitStreamResult {
  readonly end: "completed" | "aborted";
  readonly progress: StreamProgress;
}

/**
 * Trains on a stream for some steps: nothing repeats, so there are no epochs and no best one. What is validated, and what the engine is
 * left with, is the moving average that its optimizer keeps (`withAverage`), or the parameters where it keeps none.
 */
export async function fitStream(engine: TrainEngine, options: FitStreamOptions): Promise<FitStreamResult> {
  const run = await StreamRun.start(engine, options);
  return run.train();
}

const beginning: StreamProgress = { steps: 0, seconds: 0, lossSum: 0, lossCount: 0, validations: [] };

class StreamRun {
  readonly #engine: TrainEngine;
  readonly #options: FitStreamOptions;
  #progress: StreamProgress;
  /** When the seconds of the progress were taken. */
  #clock = performance.now();

  private constructor(engine: TrainEngine, options: FitStreamOptions, progress: StreamProgress) {
    this.#engine = engine;
    this.#options = options;
    this.#progress = progress;
  }

  static async start(engine: TrainEngine, options: FitStreamOptions): Promise<StreamRun> {
    const { resume } = options;
    if (!resume) return new StreamRun(engine, options, beginning);
    const { parameters, optimizerState, progress } = resume;
    await engine.restore({ parameters, optimizerState, steps: progress.steps });
    return new StreamRun(engine, options, progress);
  }

  async train(): Promise<FitStreamResult> {
    const { steps, signal, validateEvery, checkpointEvery } = this.#options;
    while (this.#progress.steps < steps && !signal?.aborted) {
      await this.#step();
      const { steps: done } = this.#progress;
      if (done % validateEvery === 0 || done === steps) await this.#validate();
      if (done % checkpointEvery === 0 || done === steps) await this.#checkpoint();
    }
    const aborted = this.#progress.steps < steps;
    if (aborted) await this.#checkpoint();
    this.#engine.writeParameters(await this.#engine.readAverage());
    return { end: aborted ? "aborted" : "completed", progress: this.#progress };
  }

  async #step(): Promise<void> {
    const { stream, schedule, steps: totalSteps, onStep } = this.#options;
    const { steps, lossSum, lossCount } = this.#progress;
    const starts = await stream.batch(steps);
    const rate = schedule(steps);
    const { loss, gradNorm } = await this.#engine.step(starts, rate);
    this.#progress = {
      ...this.#progress,
      steps: steps + 1,
      seconds: this.#progress.seconds + this.#lap(),
      lossSum: lossSum + loss,
      lossCount: lossCount + 1,
    };
    onStep?.({ step: steps + 1, epoch: 1, totalSteps, loss, gradNorm, learningRate: rate.learningRate });
  }

  async #validate(): Promise<void> {
    const { stream, loss, onValidation, steps: totalSteps } = this.#options;
    const average = await this.#engine.readAverage();
    const sums = await this.#engine.evaluateWith(average, stream.validationStarts);
    const { steps: step, seconds, lossSum, lossCount, validations } = this.#progress;
    const trainLoss = lossSum / Math.max(1, lossCount);
    const validationLoss = meanLoss(sums, loss, [0]);
    this.#progress = {
      ...this.#progress,
      lossSum: 0,
      lossCount: 0,
      validations: [...validations, { step, trainLoss, validationLoss }],
    };
    const validationMse = meanErrors(sums, [0]).mse;
    onValidation?.({ step, totalSteps, trainLoss, validationLoss, validationMse, seconds });
  }

  async #checkpoint(): Promise<void> {
    await this.#options.onCheckpoint?.({
      progress: this.#progress,
      parameters: this.#engine.readParameters(),
      optimizerState: await this.#engine.readOptimizerState(),
      shares: this.#engine.shares,
    });
  }

  /** Seconds since the last call. */
  #lap(): number {
    const now = performance.now();
    const seconds = (now - this.#clock) / 1000;
    this.#clock = now;
    return seconds;
  }
}
