import type { Random } from "../core/index.ts";
import type { TrainEngine } from "./engine.ts";
import { TrainError } from "./errors.ts";

export interface SearchLearningRatesOptions {
  readonly trainStarts: Int32Array;
  readonly batchSize: number;
  /** Draws the batches. */
  readonly random: Random;
  /** The first rate tried; 1e-7 when left out. */
  readonly from?: number;
  /** The last one; 1 when left out. */
  readonly to?: number;
  /** How many are tried, evenly on a logarithmic scale; 100 when left out. */
  readonly trials?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onTrial?: (trial: LearningRateTrial) => void;
}

/** One step of the search. */
export interface LearningRateTrial {
  readonly learningRate: number;
  readonly loss: number;
  /** Moving average of the losses so far. */
  readonly smoothedLoss: number;
}

export interface LearningRateSearch {
  readonly trials: readonly LearningRateTrial[];
  /** In the middle of the longest fall of the smoothed loss; null where it hardly falls, or too little was tried. */
  readonly suggestion: number | null;
  /** The rate of the lowest smoothed loss: training at it or above is likely to diverge. */
  readonly lowest: number | null;
}

/** Weight of the past in the smoothed loss. @see fast.ai, `Recorder` */
const SMOOTHING = 0.98;

/** The search ends once the smoothed loss is so many times its lowest. @see fast.ai, `LRFinder` */
const DIVERGED = 4;

/** Trials that are left out at the front, where the average has seen too little, and at the end, where the loss leaps. */
const [FRONT, BACK] = [10, 5];

/**
 * Trains for some steps with a rate that rises from one to the next, and suggests one from where the loss falls. The engine's
 * parameters, optimizer state and step count are put back.
 *
 * @see Smith 2017, Cyclical Learning Rates, §3.3; fast.ai `lr_find` (valley)
 */
export async function searchLearningRates(
  engine: TrainEngine,
  options: SearchLearningRatesOptions,
): Promise<LearningRateSearch> {
  const { from = 1e-7, to = 1, trials: count = 100, signal } = options;
  const before = {
    parameters: engine.readParameters(),
    optimizerState: await engine.readOptimizerState(),
    steps: engine.steps,
  };
  const batches = endlessBatches(options);
  const trials: LearningRateTrial[] = [];
  let [average, best] = [0, Number.POSITIVE_INFINITY];
  try {
    for (let index = 0; index < count && !signal?.aborted; index++) {
      const learningRate = from * (to / from) ** (index / Math.max(1, count - 1));
      const loss = await lossOf(engine, batches.next().value, learningRate);
      if (loss === undefined) break;
      average = SMOOTHING * average + (1 - SMOOTHING) * loss;
      const smoothedLoss = average / (1 - SMOOTHING ** (index + 1));
      const trial = { learningRate, loss, smoothedLoss };
      trials.push(trial);
      options.onTrial?.(trial);
      best = Math.min(best, smoothedLoss);
      if (smoothedLoss > DIVERGED * best) break;
    }
  } finally {
    await engine.restore(before);
  }
  return { trials, ...suggestionOf(trials) };
}

/** The loss before the step; undefined where it is no number any more. */
async function lossOf(
  engine: TrainEngine,
  starts: Int32Array,
  learningRate: number,
): Promise<number | undefined> {
  try {
    return (await engine.step(starts, { learningRate })).loss;
  } catch (error) {
    if (error instanceof TrainError && error.code === "TRAIN_DIVERGED") return undefined;
    throw error;
  }
}

/** Batches over the windows in random order, again and again. */
function* endlessBatches({
  trainStarts,
  batchSize,
  random,
}: SearchLearningRatesOptions): Generator<Int32Array, never> {
  for (;;) {
    const order = random.permutation(trainStarts.length);
    for (let at = 0; at < order.length; at += batchSize)
      yield order.subarray(at, at + batchSize).map((window) => trainStarts[window] as number);
  }
}

function suggestionOf(trials: readonly LearningRateTrial[]): Omit<LearningRateSearch, "trials"> {
  const used = trials.slice(FRONT, trials.length - BACK);
  const lowest = used.reduce<LearningRateTrial | undefined>(
    (best, trial) => (best && best.smoothedLoss <= trial.smoothedLoss ? best : trial),
    undefined,
  );
  const fall = longestFall(used.map(({ smoothedLoss }) => smoothedLoss));
  // the middle of the fall's middle third, as fast.ai has it
  const middle = fall.end - Math.round(fall.length / 2);
  const suggestion = fall.length < LEAST_FALL ? null : (used[middle]?.learningRate ?? null);
  return { suggestion, lowest: lowest?.learningRate ?? null };
}

/** Losses that a fall has at least, each below the one before. */
const LEAST_FALL = 5;

/** The longest run of losses, not necessarily neighbours, that each lie below the one before: how many, and the last one's place. */
function longestFall(losses: readonly number[]): { readonly length: number; readonly end: number } {
  const lengths = losses.map(() => 1);
  let end = 0;
  for (const [at, loss] of losses.entries()) {
    for (let before = 0; before < at; before++) {
      if (loss < (losses[before] as number))
        lengths[at] = Math.max(lengths[at] as number, (lengths[before] as number) + 1);
    }
    if ((lengths[at] as number) > (lengths[end] as number)) end = at;
  }
  return { length: lengths[end] ?? 0, end };
}
