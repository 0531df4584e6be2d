import { describe, expect, it } from "vitest";
import {
  constantSchedule,
  cosineSchedule,
  createSchedule,
  linearSchedule,
  oneCycleSchedule,
  type Schedule,
} from "../../src/optim/index.ts";

const rates = (schedule: Schedule, steps: number) =>
  Array.from({ length: steps }, (_, step) => schedule(step).learningRate);

function expectRates(schedule: Schedule, expected: readonly number[]): void {
  const got = rates(schedule, expected.length);
  expected.forEach((rate, step) => {
    expect(got[step], `step ${step}`).toBeCloseTo(rate, 8);
  });
}

describe("a constant schedule", () => {
  it("says the same at every step and leaves beta alone", () => {
    expectRates(constantSchedule(0.3), [0.3, 0.3, 0.3]);
    expect(constantSchedule(0.3)(0).beta1).toBeUndefined();
  });
});

describe("warm-up", () => {
  const options = { learningRate: 2, warmupSteps: 4, totalSteps: 12 };

  it("begins at 0 and reaches the rate with the step after it", () => {
    expectRates(cosineSchedule(options), [0, 0.5, 1, 1.5, 2]);
    expectRates(linearSchedule(options), [0, 0.5, 1, 1.5, 2]);
  });

  it("is followed by half a cosine", () => {
    const schedule = cosineSchedule(options);
    // cos(π/8) = 0.92387953, cos(π/4) = 0.70710678
    expect(schedule(5).learningRate).toBeCloseTo(1.92387953, 8);
    expect(schedule(6).learningRate).toBeCloseTo(1.70710678, 8);
    expect(schedule(8).learningRate).toBeCloseTo(1, 12);
    expect(schedule(12).learningRate).toBeCloseTo(0, 12);
  });

  it("or by a line", () => {
    expectRates(linearSchedule(options), [0, 0.5, 1, 1.5, 2, 1.75, 1.5, 1.25, 1, 0.75, 0.5, 0.25, 0]);
  });

  it("may be left out: then the first step has the whole rate", () => {
    expect(cosineSchedule({ ...options, warmupSteps: 0 })(0).learningRate).toBe(2);
    expect(linearSchedule({ ...options, warmupSteps: 0 })(0).learningRate).toBe(2);
  });

  it("never goes below 0, past the end either", () => {
    expect(linearSchedule(options)(20).learningRate).toBe(0);
  });
});

describe("one cycle", () => {
  it("rises from max/25 to max at the knee and falls to max/250,000, by torch's formula", () => {
    // T = 10: knee 2, then 7 steps; the end is 4e-6. (1 + cos(kπ/7))/2 for k = 1…7.
    const falling = [0.95048443, 0.8117449, 0.61126047, 0.38873953, 0.1882551, 0.04951557, 0];
    expectRates(oneCycleSchedule({ maxLearningRate: 1, totalSteps: 10 }), [
      0.04,
      0.52,
      1,
      ...falling.map((share) => 4e-6 + (1 - 4e-6) * share),
    ]);
  });

  it("has a knee that is not rounded to a step", () => {
    // T = 9: knee 1.7. Step 1 at 1/1.7 of the rise, step 2 at 0.3/6.3 of the fall.
    const schedule = oneCycleSchedule({ maxLearningRate: 1, totalSteps: 9 });
    expect(schedule(0).learningRate).toBeCloseTo(0.04, 12);
    expect(schedule(1).learningRate).toBeCloseTo(1 - 0.96 * 0.3631685, 7);
    expect(schedule(2).learningRate).toBeCloseTo(4e-6 + (1 - 4e-6) * 0.99441541, 7);
    expect(schedule(8).learningRate).toBeCloseTo(4e-6, 12);
    expect(Math.max(...rates(schedule, 9))).toBeLessThan(1);
  });

  it("moves the first beta the other way", () => {
    const schedule = oneCycleSchedule({ maxLearningRate: 1, totalSteps: 10 });
    const betas = Array.from({ length: 10 }, (_, step) => schedule(step).beta1 ?? Number.NaN);
    expect(betas[0]).toBeCloseTo(0.95, 12);
    expect(betas[1]).toBeCloseTo(0.9, 12);
    expect(betas[2]).toBeCloseTo(0.85, 12);
    expect(betas[3]).toBeCloseTo(0.95 - 0.1 * 0.95048443, 8);
    expect(betas[9]).toBeCloseTo(0.95, 12);
  });

  it("takes its bounds from settings, and may leave beta alone", () => {
    const schedule = oneCycleSchedule({
      maxLearningRate: 2,
      totalSteps: 11,
      warmupFraction: 0.5454545454545454, // knee 5
      divFactor: 10,
      finalDivFactor: 2,
      betaRange: null,
    });
    expect(schedule(0)).toEqual({ learningRate: expect.closeTo(0.2, 12) });
    expect(schedule(5).learningRate).toBeCloseTo(2, 6);
    expect(schedule(10).learningRate).toBeCloseTo(0.1, 12);
  });

  it.each([1, 2, 3, 4])("is finite for a run of %i steps", (totalSteps) => {
    const schedule = oneCycleSchedule({ maxLearningRate: 1, totalSteps });
    for (let step = 0; step < totalSteps; step++) {
      const { learningRate, beta1 } = schedule(step);
      expect(learningRate).toBeGreaterThan(0);
      expect(learningRate).toBeLessThanOrEqual(1);
      expect(beta1).toBeGreaterThanOrEqual(0.85);
      expect(beta1).toBeLessThanOrEqual(0.95);
    }
  });
});

describe("the schedule that settings name", () => {
  it("rounds the warm-up to whole steps", () => {
    const schedule = createSchedule({ name: "linear", warmup_fraction: 0.25 }, 1, 10);
    expectRates(schedule, [0, 1 / 3, 2 / 3, 1, 6 / 7]); // 2.5 steps become 3
    expectRates(createSchedule({ name: "cosine", warmup_fraction: 0 }, 1, 10), [1]);
  });

  it("is each of the four kinds", () => {
    expectRates(createSchedule({ name: "constant", warmup_fraction: 0 }, 0.5, 10), [0.5, 0.5]);
    const one = createSchedule(
      {
        name: "one_cycle",
        warmup_fraction: 0.3,
        div_factor: 25,
        final_div_factor: 1e4,
        beta_range: [0.85, 0.95],
      },
      1,
      10,
    );
    expect(one(1)).toEqual({ learningRate: expect.closeTo(0.52, 12), beta1: expect.closeTo(0.9, 12) });
  });
});
