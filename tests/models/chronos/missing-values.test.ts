import { expect, it } from "vitest";
import type { ForecastModel } from "../../../src/models/index.ts";
import { float32Tensor } from "../../../src/onnx/index.ts";
import { evaluate } from "../../../src/runtime/index.ts";
import { tinyBolt } from "./support.ts";

const rows = 40;
const series = Float32Array.from({ length: rows }, (_, row) => 20 + Math.sin(row / 3) + 0.01 * row);
const missing = (row: number) => row < 9 || row % 7 === 3;
const holes = (hole: number) => series.map((value, row) => (missing(row) ? hole : value));

async function forecast(model: ForecastModel, past: Float32Array, mask?: Float32Array) {
  const graph = model.build({
    batch: 1,
    channels: 1,
    contextLength: past.length,
    withMask: mask !== undefined,
    training: false,
  });
  const shape = [1, past.length, 1];
  const { predictions, quantiles } = await evaluate(graph, {
    past_values: float32Tensor(shape, past),
    ...(mask ? { past_observed_mask: float32Tensor(shape, mask) } : {}),
  });
  return { predictions: [...(predictions?.data ?? [])], quantiles: [...(quantiles?.data ?? [])] };
}

it("reads NaN as a mask of missing values", async () => {
  const model = tinyBolt();
  const mask = series.map((_, row) => (missing(row) ? 0 : 1));
  expect(await forecast(model, holes(Number.NaN))).toEqual(await forecast(model, holes(0), mask));
  expect(await forecast(model, holes(Number.NaN))).toEqual(await forecast(model, holes(777), mask));
});

it("takes a shorter series as one whose first values are missing, where those fill whole patches", async () => {
  const model = tinyBolt();
  const long = series.map((value, row) => (row < 16 ? Number.NaN : value));
  const short = await forecast(model, series.slice(16));
  const padded = await forecast(model, long);
  short.predictions.forEach((value, step) => {
    expect(value).toBeCloseTo(Number(padded.predictions[step]), 4);
  });
});

it("stays finite where nothing was observed, and forecasts a flat series flat", async () => {
  const model = tinyBolt({ chronos_config: { use_reg_token: false } });
  const empty = await forecast(model, new Float32Array(rows).fill(Number.NaN));
  expect(empty.quantiles.every((value) => Number.isFinite(Number(value)))).toBe(true);
  // 0.1 is no float32 and 40 of them do not sum to 4: the mean must still be 0.1, and the scale 1e-5
  const flat = await forecast(model, new Float32Array(rows).fill(0.1));
  for (const value of flat.quantiles) expect(Math.abs(Number(value) - 0.1)).toBeLessThan(1e-3);
});

it("gives the level 0.5 as the forecast, or the line between its neighbours", async () => {
  const exact = await forecast(tinyBolt(), series);
  expect(exact.predictions).toEqual(exact.quantiles.slice(10, 20));
  const model = tinyBolt({ chronos_config: { quantiles: [0.2, 0.4, 0.8] } });
  const between = await forecast(model, series);
  between.predictions.forEach((value, step) => {
    const [lower, upper] = [Number(between.quantiles[10 + step]), Number(between.quantiles[20 + step])];
    expect(Number(value)).toBeCloseTo(0.75 * lower + 0.25 * upper, 4);
  });
});
