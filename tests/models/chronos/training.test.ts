import { afterEach, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { LoRAManager, parseLoraConfig } from "../../../src/lora/index.ts";
import { adamW } from "../../../src/optim/index.ts";
import {
  type EngineOptions,
  layoutParameters,
  meanLoss,
  packParameters,
  TrainEngine,
} from "../../../src/train/index.ts";
import { datasetOf, waves } from "../../train/support.ts";
import { tinyBolt } from "./support.ts";

let engine: TrainEngine | undefined;
afterEach(() => engine?.close());

const starts = Int32Array.of(0, 5, 11, 17, 23, 31);

/** Two channels with a hole now and then, adapters on every attention and the last layer. */
async function start(more: Partial<EngineOptions> = {}): Promise<TrainEngine> {
  const model = tinyBolt({ dropout_rate: 0 });
  const rows = waves(90, 2);
  const observed = rows.map((_, row) => [row % 9 === 4 ? 0 : 1, 1]);
  const series = rows.map((row, at) => row.map((value, c) => (observed[at]?.[c] === 0 ? 0 : value)));
  const dataset = datasetOf(series, { context: 40, horizon: 10, observed });
  const config = parseLoraConfig({
    peft_type: "LORA",
    r: 4,
    lora_alpha: 8,
    target_modules: model.targetPresets["attention"],
  });
  const lora = LoRAManager.create(model, config, Random.fromSeed(5));
  const build = (batch: number, training: boolean) =>
    lora.attach(model.build({ batch, channels: 2, training, withMask: true }), { training });
  const layout = layoutParameters(lora.tensors, build(1, false).trainable);
  return TrainEngine.start({
    dataset,
    buildForward: (windows, training) => build(windows, training).graph,
    layout,
    parameters: packParameters(layout, lora.tensors),
    loss: "quantile",
    quantiles: model.quantiles,
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 }),
    clipNorm: 1,
    workers: 2,
    microBatch: 2,
    batchSize: starts.length,
    seed: 1,
    ...more,
  });
}

it("overfits one batch with its own loss, and evaluation measures the same loss", async () => {
  engine = await start();
  const before = meanLoss(await engine.evaluate(starts), "quantile", [0, 1]);
  const first = await engine.step(starts, { learningRate: 0 });
  expect(first.loss).toBeCloseTo(before, 5);
  for (let step = 0; step < 60; step++) await engine.step(starts, { learningRate: 0.01 });
  const after = meanLoss(await engine.evaluate(starts), "quantile", [0, 1]);
  expect(after).toBeLessThan(0.5 * before);
});

it("refuses its loss where the levels are not told", async () => {
  await expect(start({ quantiles: null })).rejects.toMatchObject({ code: "TRAIN_WRONG_LOSS" });
});
