import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { replayMetrics } from "../../scripts/goldens/metrics.ts";
import { meanAbsoluteScaledError, pointMetrics, quantileMetrics } from "../../src/train/index.ts";

it.each(["metrics-full", "metrics-missing"])("%s: as scikit-learn and GluonTS define them", async (name) => {
  expect(await replayMetrics(join(import.meta.dirname, "data", name))).toEqual({ ok: true, message: "" });
});

describe("by hand", () => {
  const shape = { windows: 1, steps: 2, channels: 1 };

  it("counts 0/0 as no error in smape, and leaves out what is missing", () => {
    const { smape, mae } = pointMetrics({
      windows: 1,
      steps: 3,
      channels: 1,
      predictions: [0, 1, 5],
      target: [0, 3, Number.NaN],
    });
    expect(smape).toBeCloseTo((0 + 1) / 2, 12);
    expect(mae).toBe(1);
  });

  it("scales the error by the history's seasonal change", () => {
    const mase = meanAbsoluteScaledError({
      ...shape,
      predictions: [1, 2],
      target: [2, 4],
      history: [0, 1, 4, 5],
      season: 2,
    });
    expect(mase).toBeCloseTo(1.5 / 4, 12);
  });

  it("takes a forecast that is hit as covered", () => {
    const { coverage, pinball } = quantileMetrics({
      quantiles: [1, 2, 1, 2],
      target: [1, 3],
      levels: [0.1, 0.9],
    });
    expect(coverage).toEqual([0.5, 0.5]);
    expect(pinball[0]).toBeCloseTo((0 + 0.1 * 2) / 2, 12);
    expect(pinball[1]).toBeCloseTo((0.1 * 1 + 0.9 * 1) / 2, 12);
  });
});

describe("MASE of a history without a seasonal change", () => {
  const forecasts = { windows: 2, steps: 1, channels: 1, season: 1, target: [2, 5], predictions: [1, 2] };

  it("leaves the window out", () => {
    expect(meanAbsoluteScaledError({ ...forecasts, history: [3, 3, 3, 1, 2, 3] })).toBe(3);
    expect(meanAbsoluteScaledError({ ...forecasts, history: [Number.NaN, 3, Number.NaN, 1, 2, 3] })).toBe(3);
  });

  it("is NaN where no window is left", () => {
    expect(meanAbsoluteScaledError({ ...forecasts, history: [3, 3, 3, 1, 1, 1] })).toBeNaN();
  });
});
