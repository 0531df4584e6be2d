import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { adamW, oneCycleSchedule } from "../../src/optim/index.ts";
import {
  type Checkpoint,
  type FitOptions,
  fitModel,
  readCheckpoint,
  type StepReport,
  TrainEngine,
  writeCheckpoint,
} from "../../src/train/index.ts";
import { datasetOf, everyWeight, smallTtm, waves } from "./support.ts";

const dataset = datasetOf(waves(60, 2), { context: 16, horizon: 4 });
// dropout is on: its masks must come back too
const model = smallTtm({ dropout: 0.2, head_dropout: 0.3 });
const { layout, parameters } = everyWeight(model);

const starts = (from: number, to: number) =>
  Int32Array.from({ length: to - from }, (_, index) => from + index);

function startEngine(): Promise<TrainEngine> {
  return TrainEngine.start({
    dataset,
    buildForward: (windows, training) => model.build({ batch: windows, channels: 2, training }),
    layout,
    parameters,
    loss: "mse",
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
    clipNorm: 1,
    workers: 2,
    microBatch: null,
    batchSize: 6,
    seed: 9,
  });
}

const options = (): FitOptions => ({
  epochs: 3,
  batchSize: 6,
  schedule: oneCycleSchedule({ maxLearningRate: 0.01, totalSteps: 12 }),
  loss: "mse",
  trainStarts: starts(0, 20),
  validationStarts: starts(30, 40),
  targetChannels: [0, 1],
  random: Random.fromSeed(4),
});

interface Trained {
  readonly steps: StepReport[];
  readonly parameters: Float32Array;
  readonly bestEpoch: number;
}

async function train(more: Partial<FitOptions> = {}): Promise<Trained> {
  const engine = await startEngine();
  const steps: StepReport[] = [];
  try {
    const { bestEpoch } = await fitModel(engine, {
      ...options(),
      ...more,
      callbacks: [{ step: (step) => void steps.push(step) }, ...(more.callbacks ?? [])],
    });
    return { steps, parameters: engine.readParameters(), bestEpoch };
  } finally {
    await engine.close();
  }
}

/** Trains until so many steps are taken, as if killed there: what is left is the checkpoint's file. */
async function killedAfter(step: number, file: string): Promise<void> {
  const controller = new AbortController();
  await train({
    signal: controller.signal,
    callbacks: [
      {
        step: async ({ step: taken }, { checkpoint }) => {
          if (taken !== step) return;
          await writeCheckpoint(file, { ...(await checkpoint()), fingerprint: "same" });
          controller.abort();
        },
      },
    ],
  });
}

describe("resuming from a checkpoint", () => {
  const whole = train();

  it.each([1, 4, 5, 7, 11])(
    "after step %i gives the losses and weights of the run that never stopped, bit for bit",
    async (step) => {
      const file = join(await mkdtemp(join(tmpdir(), "checkpoint-")), "checkpoint.safetensors");
      await killedAfter(step, file);
      const resumed = await train({ resume: readCheckpoint(file, "same"), random: Random.fromSeed(999) });
      const expected = await whole;
      expect(resumed.steps).toEqual(expected.steps.slice(step));
      expect(resumed.parameters).toEqual(expected.parameters);
      expect(resumed.bestEpoch).toBe(expected.bestEpoch);
    },
  );

  it("keeps losses that are no number, which JSON has no word for", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "checkpoint-")), "checkpoint.safetensors");
    const epochs = [Number.NaN, Number.POSITIVE_INFINITY, null, 0.25].map((validationLoss, index) => ({
      epoch: index + 1,
      step: index + 1,
      trainLoss: 0.5,
      validationLoss,
      best: false,
      seconds: 1,
    }));
    const progress = { ...checkpoint.progress, lossSum: Number.NaN, epochs };
    await writeCheckpoint(file, { ...checkpoint, progress });
    expect(readCheckpoint(file, "same").progress).toEqual(progress);
  });

  it("refuses what is no checkpoint, or one of another experiment", async () => {
    const folder = await mkdtemp(join(tmpdir(), "checkpoint-"));
    const file = join(folder, "checkpoint.safetensors");
    const refusal = (fingerprint: string, path = file) => {
      expect(() => readCheckpoint(path, fingerprint)).toThrow(
        expect.objectContaining({ code: "TRAIN_BAD_CHECKPOINT" }),
      );
    };
    await writeCheckpoint(file, checkpoint);
    refusal("other");
    refusal("same", join(folder, "absent.safetensors"));
    expect(readCheckpoint(file, "same")).toEqual(checkpoint);
    await writeFile(file, (await readFile(file)).subarray(0, 40));
    expect(() => readCheckpoint(file, "same")).toThrow(
      expect.objectContaining({ code: "SAFETENSORS_BAD_FILE" }),
    );
  });
});

const checkpoint: Checkpoint = {
  progress: {
    epoch: 2,
    windows: 6,
    lossSum: 0.1,
    random: [...Random.fromSeed(3).state],
    steps: 5,
    bestEpoch: 1,
    bestLoss: 0.3,
    waited: 0,
    epochs: [{ epoch: 1, step: 4, trainLoss: 0.5, validationLoss: 0.3, best: true, seconds: 1.5 }],
  },
  parameters: Float32Array.of(1, 2, 3),
  bestParameters: Float32Array.of(1, 2, 2.5),
  shares: { workers: 2, pieceWindows: 3 },
  optimizerState: { m: Float32Array.of(0, 1, 0), v: Float32Array.of(1, 1, 2) },
  fingerprint: "same",
};
