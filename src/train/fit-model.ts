import type { Random } from "../core/index.ts";
import type { Schedule } from "../optim/index.ts";
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
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (report: EpochReport) => void;
}

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
  const state = new FitState(options.patience);
  let end: FitResult["end"] = "completed";
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const started = performance.now();
    const trainLoss = await trainEpoch(engine, options, epoch);
    if (trainLoss === undefined) {
      end = "aborted";
      break;
    }
    const validationLoss = await validate(engine, options);
    const best = state.finish(engine, validationLoss, epoch);
    const seconds = (performance.now() - started) / 1000;
    const report = { epoch, step: engine.steps, trainLoss, validationLoss, best, seconds };
    state.reports.push(report);
    options.onEpoch?.(report);
    if (state.exhausted) {
      end = "early";
      break;
    }
  }
  if (state.parameters) engine.writeParameters(state.parameters);
  return {
    end,
    bestEpoch: state.bestEpoch,
    bestValidationLoss: state.bestLoss,
    epochs: state.reports,
    steps: engine.steps,
  };
}

/** The best epoch so far. */
class FitState {
  readonly reports: EpochReport[] = [];
  readonly #patience: number | null;
  parameters: Float32Array | undefined;
  bestEpoch = 0;
  bestLoss: number | null = null;
  #waited = 0;

  constructor(patience: number | null) {
    this.#patience = patience;
  }

  get exhausted(): boolean {
    return this.#patience !== null && this.#waited >= this.#patience;
  }

  /** Takes note of a finished epoch; true if it is the best. */
  finish(engine: TrainEngine, loss: number | null, epoch: number): boolean {
    const best = loss === null || this.bestLoss === null || loss < this.bestLoss;
    this.#waited = best ? 0 : this.#waited + 1;
    if (!best) return false;
    // a loss over nothing observed is no bound for later epochs
    this.bestLoss = loss !== null && Number.isNaN(loss) ? null : loss;
    this.bestEpoch = epoch;
    this.parameters = engine.readParameters();
    return true;
  }
}

/** One pass over the shuffled windows; undefined if it was aborted. */
async function trainEpoch(
  engine: TrainEngine,
  options: FitOptions,
  epoch: number,
): Promise<number | undefined> {
  const { trainStarts, batchSize, schedule, random, signal } = options;
  const order = random.permutation(trainStarts.length);
  const total = totalSteps(trainStarts.length, batchSize, options.epochs);
  let sum = 0;
  for (let from = 0; from < order.length; from += batchSize) {
    if (signal?.aborted) return undefined;
    const starts = order.subarray(from, from + batchSize).map((window) => trainStarts[window] as number);
    const rate = schedule(engine.steps);
    const { loss, gradNorm } = await engine.step(starts, rate);
    sum += loss * starts.length;
    options.onStep?.({
      step: engine.steps,
      epoch,
      totalSteps: total,
      loss,
      gradNorm,
      learningRate: rate.learningRate,
    });
  }
  return signal?.aborted ? undefined : sum / order.length;
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
