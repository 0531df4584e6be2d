import { describe, expect, it } from "vitest";
import { createSchedule, stableDecaySchedule } from "../../src/optim/index.ts";

const options = { learningRate: 2, warmupSteps: 10, totalSteps: 100, decayFraction: 0.2 };

describe("the rate that is stable and then falls", () => {
  it.each([
    [0, 0],
    [5, 1],
    [10, 2],
    [80, 2],
    [85, 2 * (1 - Math.sqrt(5 / 20))],
    [99, 2 * (1 - Math.sqrt(19 / 20))],
    [100, 0],
    [200, 0],
  ])("at step %i is %f", (step, rate) => {
    expect(stableDecaySchedule(options)(step).learningRate).toBeCloseTo(rate, 12);
  });

  it("does not depend on the number of steps before it falls", () => {
    const [short, long] = [100, 1000].map((totalSteps) => stableDecaySchedule({ ...options, totalSteps }));
    for (let step = 0; step < 80; step++) expect(short?.(step)).toEqual(long?.(step));
  });

  it("may have no warm-up and no fall", () => {
    const schedule = stableDecaySchedule({ ...options, warmupSteps: 0, decayFraction: 0 });
    expect([schedule(0), schedule(99)]).toEqual([{ learningRate: 2 }, { learningRate: 2 }]);
  });

  it("is what scheduler=stable_decay makes", () => {
    const settings = { name: "stable_decay", warmup_steps: 10, decay_fraction: 0.2 } as const;
    expect(createSchedule(settings, 2, 100)(85)).toEqual(stableDecaySchedule(options)(85));
  });
});
