import { afterEach, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { LoRAManager, parseLoraConfig } from "../../src/lora/index.ts";
import { type PassName, passNames } from "../../src/onnx/index.ts";
import { adamW } from "../../src/optim/index.ts";
import {
  type EngineOptions,
  exportStep,
  layoutParameters,
  packParameters,
  type StepResult,
  TrainEngine,
  torchLossScaling,
} from "../../src/train/index.ts";
import { expectNear, feedBatch, nativeRun, trainExported } from "./exported-step.ts";
import { datasetOf, lineOptions, smallTtm, waves } from "./support.ts";

const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });
const BATCH = 6;
const STEPS = 7;
const random = Random.fromSeed(9);
const batches = Array.from({ length: STEPS }, () =>
  Int32Array.from({ length: BATCH }, () => random.integer(0, 40)),
);
const rates = batches.map((_, step) => ({ learningRate: 0.01 / (step + 1) }));

let engine: TrainEngine | undefined;
afterEach(async () => {
  await engine?.close();
});

/** LoRA on every layer of a small TinyTimeMixer. */
function loraOptions(more: Partial<EngineOptions> = {}, dropout = 0): EngineOptions {
  const model = smallTtm({ dropout, head_dropout: dropout });
  const config = parseLoraConfig({ peft_type: "LORA", r: 1, lora_alpha: 4, target_modules: "all-linear" });
  const lora = LoRAManager.create(model, config, Random.fromSeed(2));
  const build = (batch: number, training: boolean) =>
    lora.attach(model.build({ batch, channels: 2, training }), { training });
  const layout = layoutParameters(lora.tensors, build(1, false).trainable);
  return {
    ...lineOptions(dataset, ["bias"]),
    buildForward: (windows, training) => build(windows, training).graph,
    layout,
    parameters: packParameters(layout, lora.tensors),
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
    clipNorm: 1,
    batchSize: BATCH,
    ...more,
  };
}

interface Curve {
  readonly results: readonly StepResult[];
  readonly parameters: Float32Array;
}

async function train(options: EngineOptions): Promise<Curve> {
  engine = await TrainEngine.start(options);
  const results = await engine.stepMany(batches, rates);
  expect(engine.steps).toBe(STEPS);
  const parameters = engine.readParameters();
  await engine.close();
  return { results, parameters };
}

function expectSameCurve(got: Curve, expected: Curve, tolerance: number): void {
  for (const [step, { loss, gradNorm }] of expected.results.entries()) {
    expect(Math.abs((got.results[step]?.loss ?? Number.NaN) - loss), `loss ${step}`).toBeLessThan(
      tolerance * loss,
    );
    const norm = got.results[step]?.gradNorm ?? Number.NaN;
    expect(Math.abs(norm - gradNorm), `norm ${step}`).toBeLessThan(10 * tolerance * gradNorm);
  }
}

describe("passes", () => {
  const schedule = (step: number) => rates[step] ?? { learningRate: 0 };
  const data = batches.map((starts) => feedBatch(dataset, starts, BATCH));

  async function losses(disabledPasses: readonly PassName[]): Promise<readonly number[]> {
    const options = loraOptions();
    const step = exportStep({ ...options, disabledPasses, schedule, totalSteps: STEPS, dropout: false });
    return trainExported(step, options.parameters, data, await nativeRun(step));
  }

  it("change the graph of a step", () => {
    const size = (disabledPasses: readonly PassName[]) =>
      exportStep({ ...loraOptions(), disabledPasses, schedule, totalSteps: STEPS, dropout: false }).graph
        .nodes.length;
    expect(size([])).toBeLessThan(size(passNames));
  });

  it.each([...passNames.map((name) => [name]), [...passNames]])(
    "leave the loss curve as it is: without %s",
    async (...disabled) => {
      expectNear(await losses(disabled), await losses([]), 1e-5);
    },
  );
});

describe("several steps in one run", () => {
  it.each([
    ["in float32", {}, 0],
    ["with dropout", {}, 0.3],
    ["in float16", { precision: "float16" }, 0],
  ] as const)("are the steps one by one %s, the rest of them too", async (_, more, dropout) => {
    const options = { ...more, microBatch: BATCH };
    const expected = await train(loraOptions(options, dropout));
    // 7 steps in runs of 3: the last one is taken by itself
    const got = await train(loraOptions({ ...options, stepsPerRun: 3 }, dropout));
    expectSameCurve(got, expected, "precision" in more ? 1e-3 : 1e-5);
    expect(new Set(expected.results.map(({ loss }) => loss)).size).toBe(STEPS);
  });
});

describe("mixed precision", () => {
  it("has a loss curve near that of float32", async () => {
    const expected = await train(loraOptions());
    const got = await train(loraOptions({ precision: "float16", workers: 2, microBatch: 2 }));
    expectSameCurve(got, expected, 5e-3);
    expect(got.results.some(({ skipped }) => skipped)).toBe(false);
    expect(got.parameters).not.toEqual(expected.parameters);
  });

  it("skips steps that overflow until the scale fits, and then trains as if they had not been", async () => {
    const calm = loraOptions({ precision: "float16", workers: 2 });
    engine = await TrainEngine.start({
      ...calm,
      lossScaling: { ...torchLossScaling, initialScale: 2 ** 40 },
    });
    const before = { parameters: engine.readParameters(), ...(await engine.readOptimizerState()) };
    const first = await engine.step(batches[0] as Int32Array, { learningRate: 0.01 });
    expect(first).toMatchObject({ skipped: true, gradNorm: 0 });
    const after = { parameters: engine.readParameters(), ...(await engine.readOptimizerState()) };
    const scaled = { loss_scale: Float32Array.of(2 ** 39), skipped_steps: Float32Array.of(1) };
    expect(after).toEqual({ ...before, ...scaled });

    let skips = 1;
    let result = first;
    for (; result.skipped; skips++) {
      result = await engine.step(batches[0] as Int32Array, { learningRate: 0.01 });
    }
    const state = await engine.readOptimizerState();
    expect(state["skipped_steps"]?.[0]).toBe(skips - 1);
    const got = engine.readParameters();
    await engine.close();

    // the optimizer's own count starts at the first step that was taken
    const scale = state["loss_scale"]?.[0] ?? 0;
    engine = await TrainEngine.start({ ...calm, lossScaling: { ...torchLossScaling, initialScale: scale } });
    await engine.step(batches[0] as Int32Array, { learningRate: 0.01 });
    expect(engine.readParameters()).toEqual(got);
  });

  it("goes on from a state that it has written", async () => {
    const options = loraOptions({
      precision: "float16",
      lossScaling: { ...torchLossScaling, initialScale: 2 ** 34 },
    });
    const expected = await train(options);
    expect(expected.results[0]?.skipped).toBe(true);
    engine = await TrainEngine.start(options);
    await engine.stepMany(batches.slice(0, 3), rates);
    const kept = {
      parameters: engine.readParameters(),
      optimizerState: await engine.readOptimizerState(),
      steps: 3,
    };
    await engine.close();
    engine = await TrainEngine.start(options);
    await engine.restore(kept);
    const rest = await engine.stepMany(batches.slice(3), rates.slice(3));
    expect(rest).toEqual(expected.results.slice(3));
    expect(engine.readParameters()).toEqual(expected.parameters);
  });

  it("gives up once no scale is small enough", async () => {
    engine = await TrainEngine.start(loraOptions({ precision: "float16" }));
    engine.writeParameters(engine.readParameters().fill(Number.NaN));
    const run = async () => {
      for (let step = 0; step < 50; step++)
        await engine?.step(batches[0] as Int32Array, { learningRate: 0.01 });
    };
    await expect(run()).rejects.toMatchObject({ code: "TRAIN_DIVERGED" });
  });
});
