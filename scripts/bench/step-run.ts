// One variant of `bench step`, in a process of its own: prints one JSON line.
import { loadavg } from "node:os";
import { Random } from "../../src/core/index.ts";
import { type Dataset, dataSettingsSchema, loadDataset } from "../../src/data/index.ts";
import { LoRAManager, parseLoraConfig } from "../../src/lora/index.ts";
import { loadModel } from "../../src/models/index.ts";
import { adamW } from "../../src/optim/index.ts";
import { layoutParameters, meanErrors, packParameters, TrainEngine } from "../../src/train/index.ts";
import { peakMemory } from "./peak-memory.ts";
import { innerRange, median, round } from "./statistics.ts";
import { dropoutRates, precisions, type StepVariant } from "./step-variant.ts";

const BATCH = 64;
const RATE = { learningRate: 1e-3 };
/** A 5 % few-shot epoch of ETTh1. */
const EPOCH_WINDOWS = 311;

const variant = JSON.parse(process.argv[2] ?? "") as StepVariant;
const spawnedAt = Number(process.argv[3]);
const seconds = (since: number) => round((Date.now() - since) / 1000, 3);

const dataset = await loadDataset(
  dataSettingsSchema.parse({
    source_name: "ETTh1",
    path: variant.data,
    time_column: "date",
    split: { kind: "ett_hourly" },
  }),
  { context: 512, horizon: 96 },
);
const { engine, layers, trainable } = await startEngine(variant, dataset);
const random = Random.fromSeed(0);
const trainStarts = dataset.splits.train.starts;
const draw = () =>
  Int32Array.from({ length: BATCH }, () => trainStarts[random.integer(0, trainStarts.length - 1)] as number);

const untrained = variant.epoch ? await testError(engine, dataset) : null;
const began = Date.now();
await engine.step(draw(), RATE);
const firstStep = seconds(began);
const startToFirstStep = seconds(spawnedAt);
for (let index = 1; index < variant.warmup; index++) await engine.step(draw(), RATE);
const times = await timeSteps(engine, draw, variant.steps);
const epoch = variant.epoch ? await timeEpoch(engine, dataset) : {};
await engine.close();

const p50 = median(times.wall);
const [p10, p90] = innerRange(times.wall);
process.stdout.write(
  `${JSON.stringify({
    device: variant.device,
    targets: variant.targets,
    dropout: variant.dropout,
    mode: "ttm",
    amp: variant.amp,
    steps_per_run: variant.stepsPerRun,
    threads: variant.threads,
    lora_layers: layers,
    trainable,
    ...(untrained === null ? {} : { test_mse_untrained: round(untrained, 6) }),
    first_step_s: firstStep,
    start_to_first_step_s: startToFirstStep,
    steps: times.wall.length,
    cpu_ms_step_p50: round(median(times.cpu), 2),
    ms_step_p50: round(p50, 2),
    ms_step_p10: round(p10, 2),
    ms_step_p90: round(p90, 2),
    samples_per_s: round((BATCH / p50) * 1e3, 1),
    series_per_s: round(((BATCH * dataset.columns.length) / p50) * 1e3, 1),
    ...epoch,
    peak_rss_mb: peakMemory(),
    load_1m: round(loadavg()[0] ?? 0, 2),
    versions: { node: process.versions.node },
  })}\n`,
);

async function startEngine(
  { model: path, targets, dropout, threads, microBatch, ...where }: StepVariant,
  data: Dataset,
) {
  const model = loadModel({ path, random: Random.fromSeed(0) });
  const config = parseLoraConfig({ peft_type: "LORA", r: 8, lora_alpha: 16, target_modules: targets });
  const lora = LoRAManager.create(model, config, Random.fromSeed(0));
  const attach = (batch: number, training: boolean) =>
    lora.attach(
      model.build({ batch, channels: data.columns.length, training, dropout: dropoutRates[dropout] }),
      { training },
    );
  const layout = layoutParameters(lora.tensors, attach(1, false).trainable);
  const started = await TrainEngine.start({
    dataset: data,
    buildForward: (windows, training) => attach(windows, training).graph,
    layout,
    parameters: packParameters(layout, lora.tensors),
    loss: "mse",
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01 }),
    clipNorm: 1,
    session: { device: where.device },
    workers: where.device === "cuda" || where.stepsPerRun > 1 ? 1 : threads,
    stepsPerRun: where.stepsPerRun,
    precision: precisions[where.amp],
    microBatch,
    batchSize: BATCH,
    seed: 0,
  });
  return { engine: started, layers: lora.report.targets.length, trainable: layout.size };
}

async function timeSteps(trainer: TrainEngine, batch: () => Int32Array, count: number) {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let index = 0; index < count; index++) {
    const batches = Array.from({ length: trainer.stepsPerRun }, batch);
    const rates = batches.map(() => RATE);
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    await trainer.stepMany(batches, rates);
    wall.push((performance.now() - before) / batches.length);
    const used = process.cpuUsage(cpuBefore);
    cpu.push((used.user + used.system) / 1000 / batches.length);
  }
  return { wall, cpu };
}

/** One epoch, then all test windows; `epoch_eval_s` holds both, as the baseline's does. */
async function timeEpoch(trainer: TrainEngine, data: Dataset) {
  const start = Date.now();
  await trainEpoch(trainer);
  const epoch_train_s = seconds(start);
  const test_mse_after = round(await testError(trainer, data), 6);
  return { test_mse_after, epoch_train_s, epoch_eval_s: seconds(start) };
}

async function trainEpoch(trainer: TrainEngine): Promise<void> {
  const order = Int32Array.from(random.permutation(EPOCH_WINDOWS), (index) => trainStarts[index] as number);
  for (let from = 0; from < order.length; from += BATCH) {
    await trainer.step(order.slice(from, from + BATCH), RATE);
  }
}

async function testError(trainer: TrainEngine, { splits, targetChannels }: Dataset): Promise<number> {
  return meanErrors(await trainer.evaluate(splits.test.starts), targetChannels).mse;
}
