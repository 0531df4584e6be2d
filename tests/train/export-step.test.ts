import { InferenceSession, Tensor as WebTensor } from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { encodeModel, float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { adamW, oneCycleSchedule, plateauSchedule } from "../../src/optim/index.ts";
import {
  type EngineOptions,
  type ExportStepOptions,
  exportStep,
  type StepProduct,
  TrainEngine,
} from "../../src/train/index.ts";
import { expectNear, type Feeds, feedBatch, nativeRun, type Run, trainExported } from "./exported-step.ts";
import { datasetOf, everyWeight, lineOptions, smallTtm, waves } from "./support.ts";

const BATCH = 5;
const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });
const batches = [
  [0, 3, 9, 20, 31],
  [1, 2, 3, 4, 40],
  [7, 11, 12],
  [5, 6, 22, 30, 33],
].map((starts) => Int32Array.from(starts));
const schedule = oneCycleSchedule({ maxLearningRate: 0.02, totalSteps: batches.length });

const model = smallTtm();
const common: EngineOptions = {
  ...lineOptions(dataset, ["bias"]),
  ...everyWeight(model),
  buildForward: (batch, training) => model.build({ batch, channels: 2, training }),
  optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
  clipNorm: 0.5,
  batchSize: BATCH,
};

const dataOf = (starts: Int32Array) => feedBatch(dataset, starts, BATCH);
const train = (step: StepProduct, data: readonly Feeds[], run: Run) =>
  trainExported(step, common.parameters, data, run);

function product(more: Partial<ExportStepOptions> = {}): StepProduct {
  return exportStep({ ...common, schedule, totalSteps: batches.length, dropout: false, ...more });
}

async function engineLosses(): Promise<readonly number[]> {
  const engine = await TrainEngine.start(common);
  const rates = batches.map((_, step) => schedule(step, []));
  const results = await engine.stepMany(batches, rates);
  await engine.close();
  return results.map(({ loss }) => loss);
}

async function webRun({ graph }: StepProduct): Promise<Run> {
  const session = await InferenceSession.create(encodeModel(graph).model);
  return async (feeds) => {
    const given = Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      new WebTensor("float32", data as Float32Array, shape),
    ]);
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        float32Tensor(dims, data as Float32Array),
      ]),
    );
  };
}

describe("an exported train step", () => {
  it("is fed data and state alone", () => {
    const { inputs, results } = product();
    expect(inputs.map(({ name, role }) => `${role} ${name}`)).toEqual([
      "state parameters",
      "state state_m",
      "state state_v",
      "state state_step",
      "data past_values",
      "data future_values",
      "data future_mask",
    ]);
    expect(results.map(({ name }) => name)).toEqual(["loss", "grad_norm"]);
  });

  it("trains to the engine's losses, a short batch filled up", async () => {
    const step = product();
    expectNear(await train(step, batches.map(dataOf), await nativeRun(step)), await engineLosses(), 1e-5);
  });

  it("trains to the same losses in onnxruntime-web", async () => {
    const step = product();
    expectNear(await train(step, batches.map(dataOf), await webRun(step)), await engineLosses(), 1e-5);
  });

  it("takes several steps in one run", async () => {
    const step = product({ stepsPerRun: 2 });
    const pairs = [0, 2].map((first) => {
      const [one, two] = [first, first + 1].map((index) => dataOf(batches[index] as Int32Array)) as [
        Feeds,
        Feeds,
      ];
      return Object.fromEntries(
        Object.entries(one).map(([name, { shape, data }]) => {
          const both = [...(data as Float32Array), ...((two[name] as Tensor).data as Float32Array)];
          return [name, float32Tensor([2, ...shape], both)];
        }),
      );
    });
    expectNear(await train(step, pairs, await nativeRun(step)), await engineLosses(), 1e-5);
  });

  it("has a loss scale in float16, and counts only the steps that were taken", async () => {
    const step = product({ precision: "float16" });
    expect(step.inputs.find(({ name }) => name === "state_loss_scale")).toMatchObject({ initial: 65536 });
    expectNear(await train(step, batches.map(dataOf), await nativeRun(step)), await engineLosses(), 1e-2);
  });

  it("says with which probability masks of dropout are true", () => {
    const dropping = smallTtm({ dropout: 0.25, head_dropout: 0.25 });
    const { inputs } = product({
      buildForward: (batch, training) => dropping.build({ batch, channels: 2, training }),
      dropout: true,
    });
    const masks = inputs.filter((value) => value.role === "dropout_mask");
    expect(masks.length).toBeGreaterThan(1);
    for (const { keep, dtype } of masks) expect([keep, dtype]).toEqual([0.75, "bool"]);
  });
});

describe("a schedule that follows the losses", () => {
  it("is refused: the exported step does not see them", () => {
    const plateau = plateauSchedule({
      learningRate: 0.01,
      factor: 0.5,
      patience: 1,
      threshold: 0,
      cooldown: 0,
      minLearningRate: 0,
    });
    expect(() => product({ schedule: plateau })).toThrow(
      expect.objectContaining({ code: "TRAIN_NOT_EXPORTABLE" }),
    );
  });
});
