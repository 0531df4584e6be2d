import { expect, test } from "vitest";
import { dataSettingsSchema, gatherWindows, loadDataset, loadSeries, unscale } from "../../src/data/index.ts";
import { fiveRows, load } from "./support.ts";

const seattle = dataSettingsSchema.parse({
  source_name: "seattle_weather",
  path: "package://data/seattle-weather.csv",
  time_column: "date",
  target_columns: ["temp_max", "temp_min", "precipitation", "wind"],
});

test("the shipped weather has windows of 512 + 96 days in every part", async () => {
  const dataset = await loadDataset(seattle, { context: 512, horizon: 96 });
  const counts = Object.values(dataset.splits).map(({ from, to, starts }) => [from, to, starts.length]);
  // trunc(0.7 · 1461) = 1022 and 1461 − trunc(0.2 · 1461) = 1169 are the borders.
  expect(counts).toEqual([
    [0, 1022, 1022 - 608 + 1],
    [1022 - 512, 1169, 1169 - 1022 - 96 + 1],
    [1169 - 512, 1461, 1461 - 1169 - 96 + 1],
  ]);
  expect(dataset.source).toMatchObject({
    rows: 1461,
    sha256: "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be",
  });
  expect(dataset.frequency).toEqual({ name: "1d", milliseconds: 86_400_000, months: null, regular: true });
  expect([dataset.seasonLength, dataset.observed, dataset.notes]).toEqual([1, null, []]);
  expect(Object.isFrozen(dataset)).toBe(true);
});

test("missing cells are left out of the scaler, masked, and 0", async () => {
  const split = { kind: "rows", train: [0, 6], validation: [6, 8], test: [8, 10] };
  const dataset = await load("missing-cells.csv", { time_column: "date", split });
  // load: 1 … 6; temp: 10, 30, 40, 50, 60, with mean 38 and variance (784 + 64 + 4 + 144 + 484) / 5 = 296.
  expect(dataset.scaler.mean).toEqual([3.5, 38]);
  expect(dataset.scaler.std[0]).toBeCloseTo(Math.sqrt(35 / 12), 12);
  expect(dataset.scaler.std[1]).toBeCloseTo(Math.sqrt(296), 12);
  expect(Array.from(dataset.observed ?? [])).toEqual([
    1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1,
  ]);
  expect([dataset.series[3], dataset.series[15]]).toEqual([0, 0]);
  expect(dataset.series[5]).toBe(Math.fround(-8 / Math.sqrt(296)));
  expect(dataset.timestamps?.[1]).toBe(Date.UTC(2024, 0, 1, 1));
});

test("forward fill repeats the value above", async () => {
  const split = { kind: "rows", train: [0, 6], validation: [6, 8], test: [8, 10] };
  const dataset = await load("missing-cells.csv", {
    time_column: "date",
    split,
    missing: "forward_fill",
    scaling: "none",
  });
  expect(dataset.observed).toBeNull();
  expect([dataset.series[3], dataset.series[15]]).toEqual([10, 70]);
});

test("channels stand by role, and a constant column keeps scale 1", async () => {
  const dataset = await load("roles.csv", {
    observable_columns: ["known"],
    conditional_columns: ["level"],
    split: { kind: "rows", train: [0, 4], validation: [4, 6], test: [6, 8] },
  });
  expect(dataset.columns).toEqual(["a", "flat", "known", "level"]);
  expect(dataset.targetChannels).toEqual([0, 1]);
  expect(dataset.exogenousChannels).toEqual([2]);
  expect(dataset.conditionalChannels).toEqual([3]);
  expect([dataset.scaler.mean[1], dataset.scaler.std[1]]).toEqual([7, 1]);
});

test("a foreign style is read: byte order mark, semicolons, quotes, blank lines, own times, a row index", async () => {
  const dataset = await load(
    "foreign-style.csv",
    {
      time_column: "time",
      time_format: "%d.%m.%Y %I:%M %p",
      target_columns: ["load"],
      scaling: "none",
      split: { kind: "rows", train: [0, 4], validation: [4, 4], test: [4, 4] },
    },
    { context: 2, horizon: 1 },
  );
  expect(Array.from(dataset.series)).toEqual([1.5, 2, 2.5, 3]);
  expect(dataset.timestamps?.[0]).toBe(Date.UTC(2024, 1, 1, 18));
  expect(dataset.splits.validation.starts.length).toBe(0);
});

test("a bad cell below a record of two lines is found on its own line", async () => {
  const settings = { time_column: "time", time_format: "%d.%m.%Y %I:%M %p" };
  await expect(load("foreign-style.csv", settings)).rejects.toMatchObject({
    code: "DATA_NOT_A_NUMBER",
    where: { text: expect.stringMatching(/foreign-style\.csv:7, column 'long, name'$/) },
  });
});

test("windows are copied with their masks, and the rest of a partial batch is 0", async () => {
  const split = { kind: "rows", train: [0, 6], validation: [6, 8], test: [8, 10] };
  const dataset = await load("missing-cells.csv", { scaling: "none", split });
  const arrays = {
    past: new Float32Array(8).fill(9),
    future: new Float32Array(4).fill(9),
    pastObserved: new Float32Array(8).fill(9),
    futureObserved: new Uint8Array(4).fill(9),
  };
  gatherWindows(dataset, [0], arrays);
  expect(Array.from(arrays.past)).toEqual([1, 10, 2, 0, 0, 0, 0, 0]);
  expect(Array.from(arrays.future)).toEqual([3, 30, 0, 0]);
  expect(Array.from(arrays.pastObserved)).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
  expect(Array.from(arrays.futureObserved)).toEqual([1, 1, 0, 0]);
  expect(() => gatherWindows(dataset, [8], arrays)).toThrow(RangeError);
  expect(() => gatherWindows(dataset, [0, 1, 2], arrays)).toThrow(RangeError);
});

test("the future of conditional columns is given as 0", async () => {
  const settings = { target_columns: ["a"], conditional_columns: ["level"], scaling: "none" };
  const dataset = await load("roles.csv", {
    ...settings,
    split: { kind: "rows", train: [0, 8], validation: [8, 8], test: [8, 8] },
  });
  const arrays = { past: new Float32Array(4), future: new Float32Array(2) };
  gatherWindows(dataset, [1], arrays);
  expect(Array.from(arrays.past)).toEqual([2, 200, 3, 300]);
  expect(Array.from(arrays.future)).toEqual([4, 0]);
});

test("a series is scaled by the scaler of a run, and scaled back", async () => {
  const dataset = await load("five-rows.csv", fiveRows);
  const settings = dataSettingsSchema.parse({ source_name: "new", path: dataset.source.path });
  const series = await loadSeries(settings, { scaler: dataset.scaler });
  expect(series.series).toEqual(dataset.series);
  const back = Array.from(unscale(series.series, series.scaler), (value) => Number(value.toFixed(6)));
  expect(back).toEqual([1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
  const price = { ...settings, target_columns: ["price"] };
  await expect(loadSeries(price, { scaler: dataset.scaler })).rejects.toMatchObject({
    code: "DATA_WRONG_SCALER",
  });
});

test("a season longer than the context is dropped with a note", async () => {
  const dataset = await load("five-rows.csv", { ...fiveRows, season_length: 3 });
  expect(dataset.seasonLength).toBe(1);
  expect(dataset.notes).toEqual([
    expect.stringContaining("a season of 3 samples is longer than the context of 2"),
  ]);
});
