import { expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { searchLearningRates, TrainEngine } from "../../src/train/index.ts";
import { datasetOf, lineOptions, waves } from "./support.ts";

it("suggests a rate at which the loss falls, stops where it diverges, and puts the engine back", async () => {
  // a bias that learns the mean of noisy values by SGD: its loss diverges for rates above 2 / curvature = 2
  const dataset = datasetOf(waves(40, 1), { context: 2, horizon: 2 });
  const engine = await TrainEngine.start(lineOptions(dataset, ["bias"], { batchSize: 20 }));
  try {
    engine.writeParameters(Float32Array.of(3, 3));
    const trainStarts = Int32Array.from({ length: 20 }, (_, start) => start);
    const options = {
      trainStarts,
      batchSize: 20,
      random: Random.fromSeed(1),
      from: 1e-4,
      to: 1e4,
      trials: 200,
    };
    const { trials, suggestion, lowest } = await searchLearningRates(engine, options);
    expect(trials[0]?.learningRate).toBe(1e-4);
    expect(trials[0]?.smoothedLoss).toBeCloseTo(trials[0]?.loss ?? 0, 9);
    expect(trials.length).toBeLessThan(200);
    expect(suggestion).toBeGreaterThan(1e-3);
    expect(suggestion).toBeLessThan(1);
    expect(lowest).toBeGreaterThan(suggestion ?? 0);
    expect(Array.from(engine.readParameters())).toEqual([3, 3]);
    expect(engine.steps).toBe(0);
  } finally {
    await engine.close();
  }
});

it("has no suggestion where nothing was learnt", async () => {
  const dataset = datasetOf(
    Array.from({ length: 12 }, () => [0]),
    { context: 2, horizon: 2 },
  );
  const engine = await TrainEngine.start(lineOptions(dataset, ["bias"]));
  try {
    const options = {
      trainStarts: Int32Array.of(0, 1),
      batchSize: 2,
      random: Random.fromSeed(1),
      trials: 30,
    };
    expect((await searchLearningRates(engine, options)).suggestion).toBeNull();
  } finally {
    await engine.close();
  }
});
