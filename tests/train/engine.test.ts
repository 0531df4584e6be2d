import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Dataset, dataSettingsSchema, gatherWindows, loadDataset } from "../../src/data/index.ts";
import { float32Tensor } from "../../src/onnx/index.ts";
import { adamW, sgd } from "../../src/optim/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { type EngineOptions, meanErrors, meanLoss, TrainEngine } from "../../src/train/index.ts";
import { datasetOf, everyWeight, lineOptions, smallTtm, waves } from "./support.ts";

const engines: TrainEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

async function start(options: EngineOptions): Promise<TrainEngine> {
  const engine = await TrainEngine.start(options);
  engines.push(engine);
  return engine;
}

/** Train options for a small TTM, every weight of it. */
function ttmOptions(dataset: Dataset, more: Partial<EngineOptions> = {}, config = {}): EngineOptions {
  const model = smallTtm(config);
  return {
    ...lineOptions(dataset, ["bias"]),
    ...everyWeight(model),
    buildForward: (batch, training) =>
      model.build({ batch, channels: 2, training, withMask: dataset.observed !== null }),
    optimizer: adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 }),
    ...more,
  };
}

const LARGE = Int32Array.of(0, 3, 7, 12, 20, 31, 33, 40);

/** float64 answer for `lineForward`: loss, gradient of [weight, bias…], and errors of every channel. */
function lineByHand(dataset: Dataset, starts: ArrayLike<number>, parameters: ArrayLike<number>) {
  const { context, horizon, columns, series, observed, targetChannels } = dataset;
  const gradient = Array<number>(1 + horizon).fill(0);
  let [sum, count] = [0, 0];
  for (const first of Array.from(starts)) {
    for (let step = 0; step < horizon; step++) {
      for (const channel of targetChannels) {
        const at = (row: number) => row * columns.length + channel;
        const target = at(first + context + step);
        if (observed && observed[target] === 0) continue;
        const past = series[at(first + context - horizon + step)] ?? Number.NaN;
        const prediction = (parameters[0] ?? 0) * past + (parameters[1 + step] ?? 0);
        const error = prediction - (series[target] ?? Number.NaN);
        sum += error * error;
        count++;
        gradient[0] = (gradient[0] ?? 0) + 2 * error * past;
        gradient[1 + step] = (gradient[1 + step] ?? 0) + 2 * error;
      }
    }
  }
  const scaled = gradient.map((value) => value / count);
  return { loss: sum / count, gradient: scaled, norm: Math.hypot(...scaled) };
}

describe("a train step", () => {
  const size = { context: 6, horizon: 3 };
  const rows = waves(60, 2);
  const observed = rows.map((_, row) => [row % 5 === 0 ? 0 : 1, row % 7 === 3 ? 0 : 1]);
  const holes = rows.map((row, i) => row.map((value, c) => value * (observed[i]?.[c] ?? 0)));

  it.each<[string, Dataset, number]>([
    ["on whole windows", datasetOf(rows, size), 2],
    ["with values missing", datasetOf(holes, { ...size, observed }), 1],
    ["with a channel that is no target", datasetOf(rows, { ...size, targets: [1] }), 1],
  ])("is what it is by hand %s", async (_, dataset, workers) => {
    // pieces of two windows for five: the last piece is padded, and two workers share them unevenly
    const options = lineOptions(dataset, ["weight", "bias"], { workers, microBatch: 2, batchSize: 5 });
    const engine = await start({
      ...options,
      buildForward: (windows, training) => withMaskInput(options.buildForward(windows, training), dataset),
    });
    const starts = Int32Array.of(0, 11, 24, 30, 41);
    const parameters = Array.from(engine.readParameters());
    for (let step = 0; step < 3; step++) {
      const expected = lineByHand(dataset, starts, parameters);
      const got = await engine.step(starts, { learningRate: 0.1 });
      expect(got.loss).toBeCloseTo(expected.loss, 5);
      expect(got.gradNorm).toBeCloseTo(expected.norm, 5);
      expected.gradient.forEach((value, i) => {
        parameters[i] = (parameters[i] ?? 0) - 0.1 * value;
      });
    }
    expect(engine.steps).toBe(3);
    engine.readParameters().forEach((value, i) => {
      expect(value).toBeCloseTo(parameters[i] ?? Number.NaN, 5);
    });
  });

  it("clips, and reports the norm before", async () => {
    const dataset = datasetOf(rows, size);
    const engine = await start(lineOptions(dataset, ["weight", "bias"], { clipNorm: 0.01 }));
    const starts = Int32Array.of(0, 11);
    const before = engine.readParameters();
    const { norm } = lineByHand(dataset, starts, before);
    expect(norm).toBeGreaterThan(0.01);
    expect((await engine.step(starts, { learningRate: 1 })).gradNorm).toBeCloseTo(norm, 5);
    const moved = Math.hypot(...engine.readParameters().map((value, i) => value - (before[i] ?? 0)));
    expect(moved).toBeCloseTo(0.01, 5);
  });

  it("starts from parameters that are written, and gives up once the loss is no number", async () => {
    const dataset = datasetOf(rows, size);
    const engine = await start(lineOptions(dataset, ["weight", "bias"]));
    const written = Float32Array.of(1, 2, 3, 4);
    engine.writeParameters(written);
    expect(engine.readParameters()).toEqual(written);
    const expected = lineByHand(dataset, [5], written);
    expect((await engine.step(Int32Array.of(5), { learningRate: 0 })).loss).toBeCloseTo(expected.loss, 4);
    expect(engine.readParameters()).toEqual(written);
    const run = async () => {
      for (let step = 0; step < 20; step++) await engine.step(Int32Array.of(0, 11), { learningRate: 1e12 });
    };
    await expect(run()).rejects.toMatchObject({
      code: "TRAIN_DIVERGED",
      message: expect.stringMatching(/became (Infinity|NaN)/),
      where: { text: expect.stringMatching(/^step \d+$/) },
      fix: expect.stringContaining("training.learning_rate"),
    });
  });
});

/** The engine feeds a mask of the past where values are missing; a graph that has no use for it takes it all the same. */
function withMaskInput(graph: ReturnType<EngineOptions["buildForward"]>, dataset: Dataset) {
  if (!dataset.observed) return graph;
  const past = graph.inputs[0] ?? { name: "", dtype: "float32" as const, shape: [] };
  return { ...graph, inputs: [...graph.inputs, { ...past, name: "past_observed_mask" }] };
}

describe("training a small TinyTimeMixer", () => {
  const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });

  it("overfits one batch", async () => {
    const engine = await start(ttmOptions(dataset, { batchSize: 8 }));
    const losses: number[] = [];
    for (let step = 0; step < 120; step++) {
      losses.push((await engine.step(LARGE, { learningRate: 0.02 })).loss);
    }
    expect(losses.at(-1)).toBeLessThan(0.02 * (losses[0] ?? 0));
  });

  it("gives the same curve with one worker and with two, dropout drawn anew in every step", async () => {
    const config = { dropout: 0.2, head_dropout: 0.3 };
    const curves = [];
    for (const workers of [1, 2]) {
      const engine = await start(
        ttmOptions(dataset, { batchSize: 8, workers, microBatch: 2, seed: 17 }, config),
      );
      const curve: number[] = [];
      for (let step = 0; step < 12; step++)
        curve.push((await engine.step(LARGE, { learningRate: step < 2 ? 0 : 0.005 })).loss);
      curves.push(curve);
    }
    const [one, two] = curves as [number[], number[]];
    expect(one[1]).not.toBeCloseTo(one[0] ?? 0, 4); // nothing but the masks has changed
    one.forEach((loss, step) => {
      expect(Math.abs((two[step] ?? Number.NaN) - loss), `step ${step + 1}`).toBeLessThan(2e-5 * loss);
    });
  });
});

describe("the number of workers", () => {
  const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });
  const starts = Int32Array.from({ length: 30 }, (_, index) => index);
  const windows = Int32Array.from({ length: 40 }, (_, index) => 39 - index);

  async function run(workers: number, microBatch: number | null) {
    const more = { batchSize: 40, workers, microBatch, seed: 3, clipNorm: 1 };
    const engine = await start(ttmOptions(dataset, more, { dropout: 0.3 }));
    const losses = [];
    for (const batch of [windows, starts, windows, starts.slice(0, 5)])
      losses.push(await engine.step(batch, { learningRate: 0.01 }));
    const found = {
      losses,
      parameters: engine.readParameters(),
      gradient: engine.readGradient(),
      sums: await engine.evaluate(starts),
    };
    return { found, shares: engine.shares };
  }

  it.each([null, 2, 7])("changes no bit of training or evaluation, in pieces of %s", async (microBatch) => {
    const one = await run(1, microBatch);
    for (const workers of [2, 3]) {
      const other = await run(workers, microBatch);
      expect(other.found).toEqual(one.found);
      expect(other.shares.pieceWindows).toBe(one.shares.pieceWindows);
    }
  });

  it("is not more than a batch has pieces", async () => {
    const engine = await start(ttmOptions(dataset, { batchSize: 8, workers: 5, microBatch: 4 }));
    expect(engine.shares).toEqual({ workers: 2, pieceWindows: 4 });
  });
});

describe("a state that is put back", () => {
  const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });

  it("is refused where vectors are missing, too many or of another length", async () => {
    const engine = await start(ttmOptions(dataset));
    await engine.step(LARGE.slice(0, 4), { learningRate: 0.01 });
    const optimizerState = await engine.readOptimizerState();
    const parameters = engine.readParameters();
    const [name, ...others] = Object.keys(optimizerState) as [string, ...string[]];
    const bad = [
      {
        parameters,
        optimizerState: Object.fromEntries(others.map((key) => [key, optimizerState[key] ?? parameters])),
      },
      { parameters, optimizerState: { ...optimizerState, loss_scale: Float32Array.of(1) } },
      { parameters, optimizerState: { ...optimizerState, [name]: Float32Array.of(1) } },
      { parameters: parameters.slice(1), optimizerState },
    ];
    for (const state of bad) {
      await expect(engine.restore({ ...state, steps: 1 })).rejects.toMatchObject({
        code: "TRAIN_BAD_CHECKPOINT",
      });
    }
    expect(engine.readParameters()).toEqual(parameters);
    await engine.restore({ parameters, optimizerState, steps: 1 });
  });
});

describe("evaluation", () => {
  it("is the forward graph's errors over every window, whatever the pieces", async () => {
    const dataset = datasetOf(waves(64, 2), { context: 16, horizon: 4 });
    const starts = Int32Array.from({ length: 11 }, (_, index) => index * 4);
    const engine = await start(ttmOptions(dataset, { workers: 2, microBatch: 2 }, { dropout: 0.5 }));
    const sums = await engine.evaluate(starts);
    const [past, future] = [new Float32Array(11 * 16 * 2), new Float32Array(11 * 4 * 2)];
    gatherWindows(dataset, starts, { past, future });
    const graph = smallTtm({ dropout: 0.5 }).build({ batch: 11, channels: 2, training: false });
    const { predictions } = await evaluate(graph, { past_values: float32Tensor([11, 16, 2], past) });
    const errors = Array.from(future, (value, i) => Number(predictions?.data[i]) - value);
    const of = (point: (error: number) => number, channel: number) =>
      errors.filter((_, i) => i % 2 === channel).reduce((sum, error) => sum + point(error), 0);
    for (const channel of [0, 1]) {
      expect(sums.count[channel]).toBe(44);
      expect(sums.squared[channel]).toBeCloseTo(
        of((error) => error * error, channel),
        3,
      );
      expect(sums.absolute[channel]).toBeCloseTo(of(Math.abs, channel), 3);
    }
  });

  it("leaves out channels that are no targets, and takes the parameters as they are now", async () => {
    const dataset = datasetOf(waves(40, 2), { context: 6, horizon: 3, targets: [1] });
    const engine = await start(lineOptions(dataset, ["weight", "bias"]));
    const starts = Int32Array.of(0, 9, 20);
    for (const parameters of [
      [0.5, 0, 0, 0],
      [1, 2, -1, 0],
    ]) {
      engine.writeParameters(Float32Array.from(parameters));
      const sums = await engine.evaluate(starts);
      expect([...sums.count]).toEqual([0, 9]);
      expect(meanLoss(sums, "mse", [1])).toBeCloseTo(lineByHand(dataset, starts, parameters).loss, 5);
    }
  });
});

describe("a csv file with empty cells, end to end", () => {
  const folder = mkdtempSync(join(tmpdir(), "ttm-train-"));
  const path = join(folder, "holes.csv");
  const lines = waves(120, 2).map((row, i) =>
    row.map((value, c) => ((i * 7 + c * 3) % 11 === 0 ? "" : value.toFixed(4))).join(","),
  );
  writeFileSync(path, `a,b\n${lines.join("\n")}\n`);
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is trained on what is there", async () => {
    const settings = dataSettingsSchema.parse({ source_name: "holes", path });
    const dataset = await loadDataset(settings, { context: 16, horizon: 4 });
    expect(dataset.observed).not.toBeNull();
    const starts = dataset.splits.train.starts.slice(0, 6);
    const engine = await start(
      ttmOptions(dataset, { batchSize: 6, microBatch: 2, optimizer: sgd({ momentum: 0, weightDecay: 0 }) }),
    );
    const zeroShot = meanErrors(await engine.evaluate(starts), [0, 1]).mse;
    const expected = await lossByHand(dataset, starts);
    expect(zeroShot).toBeCloseTo(expected, 4);
    const first = await engine.step(starts, { learningRate: 0.02 });
    expect(first.loss).toBeCloseTo(expected, 4);
    expect((await engine.step(starts, { learningRate: 0.02 })).loss).toBeLessThan(first.loss);
  });

  async function lossByHand(dataset: Dataset, starts: Int32Array): Promise<number> {
    const count = starts.length;
    const [past, pastObserved] = [new Float32Array(count * 32), new Float32Array(count * 32)];
    const [future, futureObserved] = [new Float32Array(count * 8), new Float32Array(count * 8)];
    gatherWindows(dataset, starts, { past, future, pastObserved, futureObserved });
    expect(futureObserved).toContain(0);
    const graph = smallTtm().build({ batch: count, channels: 2, training: false, withMask: true });
    const { predictions } = await evaluate(graph, {
      past_values: float32Tensor([count, 16, 2], past),
      past_observed_mask: float32Tensor([count, 16, 2], pastObserved),
    });
    const squares = Array.from(future, (value, i) => (Number(predictions?.data[i]) - value) ** 2);
    const seen = squares.filter((_, i) => futureObserved[i] === 1);
    return seen.reduce((sum, square) => sum + square, 0) / seen.length;
  }
});
