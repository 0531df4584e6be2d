import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import {
  type ForecastBatch,
  measureForecasts,
  metricsNamed,
  pointMetrics,
  registerMetric,
  TrainEngine,
} from "../../src/train/index.ts";
import { datasetOf, lineOptions } from "./support.ts";

const levels = [0.1, 0.5, 0.9];

/** Two windows of two steps and one channel: one value is missing. */
const batch: ForecastBatch = {
  windows: 2,
  steps: 2,
  channels: 1,
  predictions: [1, 2, 3, 4],
  target: [1, 4, Number.NaN, 2],
  history: [0, 1, 2, 3, 0, 2, 4, 6],
  season: 2,
  quantiles: Float32Array.of(0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5),
  levels,
};

const measured = (name: string, batches: readonly ForecastBatch[] = [batch]) => {
  const [metric] = metricsNamed([name], levels);
  const sum = metric?.start();
  for (const one of batches) sum?.add(one);
  return sum?.value();
};

describe("metrics by name", () => {
  // errors 0, 2, (missing), 2 on targets 1, 4, 2
  it.each([
    ["mse", 8 / 3],
    ["mae", 4 / 3],
    ["rmse", Math.sqrt(8 / 3)],
    ["smape", (0 + 4 / 6 + 4 / 6) / 3],
    ["mase", (1 / 2 + 2 / 4) / 2], // seasonal changes 2 and 4
    ["r2", 1 - 8 / (14 / 3)], // mean 7/3, squares 16/9 + 25/9 + 1/9
    // pinball sums: level 0.1: 0.1 + 0.3 + 0.9; level 0.5: 0 + 1 + 1; level 0.9: 0.1 + 0.9 + 0.3
    ["quantile_loss", (1.3 + 2 + 1.3) / 9],
    ["crps", (2 * 4.6) / 9],
    ["wql", (2 * 4.6) / (3 * 7)],
  ])("%s", (name, expected) => {
    expect(measured(name)).toBeCloseTo(expected, 6);
  });

  it("are the same over the whole as over its parts", () => {
    const random = Random.fromSeed(2);
    const numbers = (count: number) => Float32Array.from({ length: count }, () => 50 + random.normal());
    const part = (): ForecastBatch => ({
      ...batch,
      predictions: numbers(4),
      target: numbers(4),
      history: numbers(8),
      quantiles: numbers(12),
    });
    const parts = [part(), part(), part()];
    const joined = (of: (one: ForecastBatch) => ArrayLike<number>) =>
      parts.flatMap((one) => Array.from(of(one)));
    const whole: ForecastBatch = {
      ...batch,
      windows: 6,
      predictions: joined((one) => one.predictions),
      target: joined((one) => one.target),
      history: joined((one) => one.history),
      quantiles: Float32Array.from(joined((one) => one.quantiles ?? [])),
    };
    for (const name of ["mse", "rmse", "smape", "mase", "r2", "crps", "wql"])
      expect(measured(name, parts)).toBeCloseTo(measured(name, [whole]) ?? 0, 8);
  });

  it("are NaN where nothing was observed", () => {
    const nothing = { ...batch, target: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] };
    for (const name of ["mse", "smape", "mase", "r2", "wql"]) expect(measured(name, [nothing])).toBeNaN();
  });

  it("a wrong name and one that the model has no quantiles for are named in one go", () => {
    expect(() => metricsNamed(["rmes", "wql"], null)).toThrow(
      expect.objectContaining({
        errors: [
          expect.objectContaining({ code: "TRAIN_UNKNOWN_METRIC", fix: expect.stringContaining("'rmse'") }),
          expect.objectContaining({ code: "TRAIN_WRONG_METRIC", fix: expect.stringContaining("mase") }),
        ],
      }),
    );
  });

  it("a user's own is found under its name", () => {
    registerMetric({
      name: "most_over",
      needs: "points",
      start: () => {
        let most = 0;
        return {
          add: ({ predictions, target }) => {
            for (let index = 0; index < target.length; index++)
              most = Math.max(most, (predictions[index] ?? 0) - (target[index] ?? 0) || 0);
          },
          value: () => most,
        };
      },
    });
    expect(measured("most_over")).toBe(2);
  });
});

describe("forecasts of an engine", () => {
  it("are measured over batches, on target channels only, without what is missing", async () => {
    const rows = Array.from({ length: 90 }, (_, row) => [row % 7, 100 + row]);
    const observed = rows.map((_, row) => [row % 11 === 0 ? 0 : 1, 1]);
    const dataset = datasetOf(rows, { context: 3, horizon: 2, targets: [0] });
    const withGaps = { ...dataset, observed: Uint8Array.from(observed.flat()) };
    const engine = await TrainEngine.start(lineOptions(dataset, ["bias"], { workers: 2 }));
    try {
      const starts = Int32Array.from({ length: 70 }, (_, start) => start);
      const { predictions, quantiles } = await engine.predict(starts);
      expect([predictions.length, quantiles]).toEqual([70 * 2 * 2, null]);
      const target = Array.from({ length: 70 * 2 }, (_, index) => {
        const row = Math.floor(index / 2) + 3 + (index % 2);
        return observed[row]?.[0] ? (rows[row]?.[0] ?? 0) : Number.NaN;
      });
      const first = predictions.filter((_, index) => index % 2 === 0);
      const expected = pointMetrics({ windows: 70, steps: 2, channels: 1, predictions: first, target });
      const names = ["mse", "smape", "r2"];
      const got = await measureForecasts(engine, withGaps, starts, metricsNamed(names, null), null);
      [expected.mse, expected.smape, expected.r2].forEach((value, index) => {
        expect(got[index]).toBeCloseTo(value, 6);
      });
    } finally {
      await engine.close();
    }
  });
});
