import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { constantSchedule, linearSchedule } from "../../src/optim/index.ts";
import {
  type EpochReport,
  earlyStopping,
  type FitOptions,
  fitModel,
  type StepReport,
  TrainEngine,
  totalSteps,
} from "../../src/train/index.ts";
import { datasetOf, lineOptions } from "./support.ts";

const SIZE = { context: 2, horizon: 2 };

/** A window's target, and the start of its window: two rows of zeros, then two of the target, every four rows. */
const targets = [1, -1, 0.8125, 2, 3, 4, 5, 1, 1];
const ONE = 0;
const [minusOne, near] = [Int32Array.of(4), Int32Array.of(8)];
const ones = Int32Array.of(ONE, 28, 32);
const oneToFive = Int32Array.of(ONE, 12, 16, 20, 24);
const dataset = datasetOf(
  targets.flatMap((value) => [[0], [0], [value], [value]]),
  SIZE,
);

const startEngine = () => TrainEngine.start(lineOptions(dataset, ["bias"]));
let shared: TrainEngine;
beforeAll(async () => {
  shared = await startEngine();
});
afterAll(() => shared.close());

/**
 * Trains the bias b alone, by SGD from 0 with rate ½. On windows with target 1 its gradient is b − 1, so after step k
 * it is 1 − 2^−k: 0.5, 0.75, 0.875, … Steps are counted from this run's first.
 */
async function trainBias({ patience, onStep, ...options }: Partial<FitOptions> & Watch) {
  const before = shared.steps;
  shared.writeParameters(new Float32Array(2));
  const [steps, epochs]: [StepReport[], EpochReport[]] = [[], []];
  const result = await fitModel(shared, {
    ...base,
    ...options,
    callbacks: [
      {
        epoch: (report) => void epochs.push(report),
        step: (report) => {
          steps.push({ ...report, step: report.step - before });
          onStep?.({ ...report, step: report.step - before });
        },
      },
      ...(patience === undefined ? [] : [earlyStopping(patience)]),
      ...(options.callbacks ?? []),
    ],
  });
  const parameters = Array.from(shared.readParameters());
  return { result: { ...result, steps: result.steps - before }, steps, epochs, parameters };
}

interface Watch {
  readonly patience?: number;
  readonly onStep?: (report: StepReport) => void;
}

const base: FitOptions = {
  epochs: 10,
  batchSize: 4,
  schedule: constantSchedule(0.5),
  loss: "mse",
  trainStarts: Int32Array.of(ONE),
  validationStarts: new Int32Array(),
  targetChannels: [0],
  random: Random.fromSeed(1),
};

describe("early stopping", () => {
  it("leaves the best epoch's parameters behind where training fails after it", async () => {
    const first = shared.steps;
    const schedule = (step: number) => ({ learningRate: step - first < 2 ? 0.5 : Number.NaN });
    const failing = trainBias({ schedule, validationStarts: minusOne });
    await expect(failing).rejects.toMatchObject({ code: "TRAIN_DIVERGED" });
    expect(Array.from(shared.readParameters())).toEqual([0.5, 0.5]);
  });

  it("ends after so many epochs without a better one, and puts the best one back", async () => {
    const validation = { patience: 2, validationStarts: minusOne };
    const { result, epochs, parameters } = await trainBias(validation);
    // validation losses (b + 1)² = 2.25, 3.0625, 3.515625
    expect(result).toMatchObject({ end: "early", bestEpoch: 1, bestValidationLoss: 2.25, steps: 3 });
    expect(epochs.map(({ validationLoss, best }) => [validationLoss, best])).toEqual([
      [2.25, true],
      [3.0625, false],
      [3.515625, false],
    ]);
    expect(result.epochs).toEqual(epochs);
    expect(parameters).toEqual([0.5, 0.5]);
  });

  it("counts from the best epoch", async () => {
    const validation = { patience: 2, validationStarts: near };
    const { result, parameters } = await trainBias(validation);
    // b = 0.5, 0.75, 0.875, 0.9375: the second one is the nearest and the third one as near
    expect(result).toMatchObject({ end: "early", bestEpoch: 2, bestValidationLoss: 0.00390625, steps: 4 });
    expect(parameters).toEqual([0.75, 0.75]);
  });

  it("does not end without patience, but still puts the best epoch back", async () => {
    const { result, parameters } = await trainBias({ epochs: 4, validationStarts: minusOne });
    expect(result).toMatchObject({ end: "completed", bestEpoch: 1, steps: 4 });
    expect(parameters).toEqual([0.5, 0.5]);
  });

  it("does not happen while the loss falls", async () => {
    const validation = { epochs: 5, patience: 1, validationStarts: ones };
    const { result } = await trainBias(validation);
    expect(result).toMatchObject({ end: "completed", bestEpoch: 5 });
  });
});

describe("without validation windows", () => {
  it("the last epoch is kept", async () => {
    const { result, epochs, parameters } = await trainBias({ epochs: 3, patience: 1 });
    expect(result).toMatchObject({ end: "completed", bestEpoch: 3, bestValidationLoss: null, steps: 3 });
    expect(epochs.map(({ validationLoss, best }) => [validationLoss, best])).toEqual(
      Array(3).fill([null, true]),
    );
    expect(parameters).toEqual([0.875, 0.875]);
  });
});

describe("an abort", () => {
  it("ends training after the step and keeps the best finished epoch", async () => {
    const controller = new AbortController();
    const { result, steps, epochs, parameters } = await trainBias({
      batchSize: 2,
      trainStarts: ones,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 3) controller.abort();
      },
    });
    expect(steps.map(({ step, epoch }) => [step, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
    ]);
    expect(result).toMatchObject({ end: "aborted", bestEpoch: 1, steps: 3 });
    expect(epochs.length).toBe(1);
    expect(parameters).toEqual([0.75, 0.75]);
  });

  it("before the first step leaves the model as it is", async () => {
    const { result, parameters } = await trainBias({ signal: AbortSignal.abort() });
    expect(result).toEqual({ end: "aborted", bestEpoch: 0, bestValidationLoss: null, epochs: [], steps: 0 });
    expect(parameters).toEqual([0, 0]);
  });
});

describe("an epoch", () => {
  const five = { batchSize: 2, trainStarts: oneToFive, epochs: 2 };

  it("takes every window once: its loss is their mean, though the last batch is smaller", async () => {
    const { epochs, steps } = await trainBias({ ...five, schedule: constantSchedule(0) });
    expect(epochs.map(({ trainLoss }) => trainLoss)).toEqual([11, 11]); // (1 + 4 + 9 + 16 + 25) / 5
    expect(steps.length).toBe(6);
  });

  it("shuffles them anew, by the seed", async () => {
    const still = { ...five, epochs: 3, schedule: constantSchedule(0) };
    const losses = async (seed: number) => {
      const { steps } = await trainBias({ ...still, random: Random.fromSeed(seed) });
      return steps.map(({ loss }) => loss);
    };
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(await losses(2)).not.toEqual(first);
    expect(first.slice(0, 3)).not.toEqual(first.slice(3, 6));
  });

  it("reports its steps with the schedule's rates", async () => {
    expect(totalSteps(5, 2, 2)).toBe(6);
    const engine = await startEngine();
    const [steps, epochs]: [StepReport[], EpochReport[]] = [[], []];
    try {
      await fitModel(engine, {
        ...base,
        ...five,
        schedule: linearSchedule({ learningRate: 0.3, warmupSteps: 3, totalSteps: 6 }),
        trainStarts: Int32Array.from({ length: 5 }, () => ONE),
        callbacks: [
          { step: (report) => void steps.push(report), epoch: (report) => void epochs.push(report) },
        ],
      });
    } finally {
      await engine.close();
    }
    expect(steps.map(({ step, epoch, totalSteps: total }) => [step, epoch, total])).toEqual([
      [1, 1, 6],
      [2, 1, 6],
      [3, 1, 6],
      [4, 2, 6],
      [5, 2, 6],
      [6, 2, 6],
    ]);
    [0, 0.1, 0.2, 0.3, 0.2, 0.1].forEach((rate, index) => {
      expect(steps[index]?.learningRate).toBeCloseTo(rate, 12);
    });
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 3],
      [2, 6],
    ]);
    expect(steps[0]?.loss).toBe(1);
    expect(steps[0]?.gradNorm).toBeCloseTo(Math.SQRT2, 6); // the gradient is [−1, −1]
  });
});

describe("no train windows", () => {
  it("are an error that says what to change", async () => {
    await expect(trainBias({ trainStarts: new Int32Array() })).rejects.toMatchObject({
      code: "TRAIN_NO_WINDOWS",
      fix: expect.stringContaining("data.split"),
    });
  });
});
