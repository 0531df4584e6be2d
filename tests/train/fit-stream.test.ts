import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adamW, stableDecaySchedule, withAverage } from "../../src/optim/index.ts";
import {
  type FitStreamOptions,
  type FitStreamResult,
  fitStream,
  readStreamCheckpoint,
  SeriesStream,
  type SeriesStreamOptions,
  TrainEngine,
  writeStreamCheckpoint,
} from "../../src/train/index.ts";
import { everyWeight, smallTtm } from "./support.ts";

const STEPS = 24;
const model = smallTtm({ num_input_channels: 1 });

const streamOptions: SeriesStreamOptions = {
  settings: { seed: 1, context: 16, horizon: 4, missing: 0.1, recorded: 0, recordings: [] },
  batchSize: 12,
  validationSize: 32,
  workers: 1,
};

let file: string;
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), "ttm-stream-")), "checkpoint.safetensors");
});
afterEach(() => rmSync(join(file, ".."), { recursive: true }));

interface Sitting {
  readonly result: FitStreamResult;
  /** What the engine holds at the end: the average. */
  readonly kept: Float32Array;
  readonly losses: readonly number[];
}

/** One process' worth of training: goes on from the file where it is there, and stops after so many steps. */
async function sit(
  stopAfter = STEPS,
  changes: Partial<FitStreamOptions> = {},
  workers = 1,
): Promise<Sitting> {
  const stream = await SeriesStream.start({ ...streamOptions, workers });
  const { layout, parameters } = everyWeight(model);
  const engine = await TrainEngine.start({
    dataset: stream.dataset,
    buildForward: (batch, training) => model.build({ batch, channels: 1, training, withMask: true }),
    layout,
    parameters,
    loss: "huber",
    optimizer: withAverage(adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }), 0.8),
    clipNorm: 1,
    workers: 1,
    microBatch: null,
    batchSize: streamOptions.batchSize,
    seed: 1,
  });
  const stop = new AbortController();
  const losses: number[] = [];
  try {
    const result = await fitStream(engine, {
      stream,
      steps: STEPS,
      schedule: stableDecaySchedule({
        learningRate: 0.01,
        warmupSteps: 2,
        totalSteps: STEPS,
        decayFraction: 0.25,
      }),
      loss: "huber",
      validateEvery: 8,
      checkpointEvery: 100,
      resume: readStreamCheckpoint(file, "same"),
      signal: stop.signal,
      onCheckpoint: (checkpoint) => writeStreamCheckpoint(file, { ...checkpoint, fingerprint: "same" }),
      onStep: ({ loss }) => {
        losses.push(loss);
        if (losses.length >= stopAfter) stop.abort();
      },
      ...changes,
    });
    return { result, kept: engine.readParameters(), losses };
  } finally {
    await Promise.all([engine.close(), stream.close()]);
  }
}

describe("training on a stream", { timeout: 300_000 }, () => {
  it("lowers the loss on held-out series, and validates when it should", async () => {
    const { result } = await sit();
    expect(result.end).toBe("completed");
    const { validations } = result.progress;
    expect(validations.map(({ step }) => step)).toEqual([8, 16, 24]);
    expect(validations[2]?.validationLoss).toBeLessThan(validations[0]?.validationLoss ?? 0);
  });

  it("interrupted ten times gives the bits of the uninterrupted one: losses, validations and weights", async () => {
    const whole = await sit();
    rmSync(file);
    const sittings = [];
    for (let count = 0; count < 10; count++) sittings.push(await sit(2));
    expect(sittings.every(({ result }) => result.end === "aborted")).toBe(true);
    const last = await sit();
    expect([...sittings.flatMap(({ losses }) => losses), ...last.losses]).toEqual(whole.losses);
    expect(last.result.progress.validations).toEqual(whole.result.progress.validations);
    expect(last.kept).toEqual(whole.kept);
  });

  it("sees the same series however many threads draw them", async () => {
    const one = await sit();
    rmSync(file);
    expect((await sit(STEPS, {}, 3)).losses).toEqual(one.losses);
  });

  it("writes no checkpoint that another training could go on from", async () => {
    await sit(2);
    expect(() => readStreamCheckpoint(file, "another")).toThrow(
      expect.objectContaining({ code: "TRAIN_BAD_CHECKPOINT" }),
    );
    expect(readStreamCheckpoint(`${file}.not-there`, "same")).toBeNull();
  });
});

describe("a stream", () => {
  it("keeps a batch while the next one is drawn, and repeats none", async () => {
    const stream = await SeriesStream.start(streamOptions);
    const { series } = stream.dataset;
    const read = (starts: Int32Array) =>
      [...starts].flatMap((start) => [...series.subarray(start, start + 20)]);
    const starts = await stream.batch(0);
    const first = read(starts);
    const second = read(await stream.batch(1));
    expect(read(starts)).toEqual(first);
    expect(second).not.toEqual(first);
    expect(read(await stream.batch(0))).toEqual(first);
    await stream.close();
  });
});
