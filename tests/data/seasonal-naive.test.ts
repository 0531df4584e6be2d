import { join } from "node:path";
import { expect, test } from "vitest";
import { dataSettingsSchema, loadDataset, seasonalNaive } from "../../src/data/index.ts";
import { load, noShared, sharedFolder } from "./support.ts";

const split = { kind: "rows", train: [0, 8], validation: [8, 8], test: [8, 8] };

test("a season is repeated over the horizon", async () => {
  const settings = { target_columns: ["a", "level"], scaling: "none", split, season_length: 2 };
  const dataset = await load("roles.csv", settings, { context: 4, horizon: 3 });
  // Both windows: after … 3, 4 come 5, 6, 7 and 3, 4, 3 are forecast: errors 2, 2, 4; a hundredfold for `level`.
  const errors = seasonalNaive(dataset, "train");
  expect(errors.windows).toBe(2);
  expect(errors.perChannel).toEqual([
    { column: "a", mse: 8, mae: 8 / 3 },
    { column: "level", mse: 80_000, mae: 800 / 3 },
  ]);
  expect(errors.mse).toBe(80_008 / 2);
});

test("missing targets do not count, and a missing source falls back on the season before", async () => {
  const settings = {
    target_columns: ["temp"],
    scaling: "none",
    split: { ...split, train: [0, 10], validation: [10, 10], test: [10, 10] },
  };
  const dataset = await load(
    "missing-cells.csv",
    { ...settings, season_length: 1 },
    { context: 2, horizon: 2 },
  );
  // temp: 10 – 30 40 50 60 70 – 90 100. Last seen → targets: 10 → 30 40; 30 → 40 50; 40 → 50 60; 50 → 60 70; 60 → 70;
  // 70 → 90; 70 (the last of 70 –) → 90 100.
  const errors = [20, 30, 10, 20, 10, 20, 10, 20, 10, 20, 20, 30];
  const naive = seasonalNaive(dataset, "train");
  expect(naive.mae).toBeCloseTo(errors.reduce((sum, error) => sum + error) / errors.length, 12);
  expect(naive.mse).toBeCloseTo(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length, 12);
});

// 0.5122 and 0.3905: the seasonal naive (24 h) of the shared reference on pretraining, 4 digits.
test.skipIf(sharedFolder === undefined).each([
  ["ETTh1", 0.5122],
  ["ETTh2", 0.3905],
] as const)(`%s has the reference's error${noShared}`, async (name, mse) => {
  const settings = dataSettingsSchema.parse({
    source_name: name,
    path: join(sharedFolder ?? "", `data/ett/${name}.csv`),
    time_column: "date",
    split: { kind: "ett_hourly" },
  });
  const dataset = await loadDataset(settings, { context: 512, horizon: 96 });
  expect(dataset.seasonLength).toBe(24);
  expect(seasonalNaive(dataset, "test").mse).toBeCloseTo(mse, 4);
});
