import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createSchedule, plateauSchedule } from "../../src/optim/index.ts";

interface Recorded {
  readonly losses: readonly number[];
  readonly cases: readonly {
    readonly options: Record<"factor" | "patience" | "threshold" | "cooldown" | "min_lr", number>;
    readonly rates: readonly number[];
  }[];
}

/** `data/make_plateau.py` made it. */
const recorded: Recorded = JSON.parse(readFileSync(join(import.meta.dirname, "data/plateau.json"), "utf8"));

describe("the plateau schedule", () => {
  it.each(recorded.cases)("has the rates of torch: $options", ({ options, rates }) => {
    const { factor, patience, threshold, cooldown, min_lr: minLearningRate } = options;
    const schedule = plateauSchedule({
      learningRate: 0.1,
      factor,
      patience,
      threshold,
      cooldown,
      minLearningRate,
    });
    for (const [epochs, rate] of rates.entries()) {
      const losses = recorded.losses.slice(0, epochs);
      expect(schedule(7 * epochs, losses).learningRate).toBeCloseTo(rate, 12);
    }
  });

  it("is a function of the losses alone: a resumed run has the same rates", () => {
    const make = () =>
      plateauSchedule({
        learningRate: 0.1,
        factor: 0.5,
        patience: 1,
        threshold: 1e-4,
        cooldown: 0,
        minLearningRate: 0,
      });
    const whole = make();
    for (let epochs = 0; epochs < 9; epochs++) whole(epochs, recorded.losses.slice(0, epochs));
    const losses = recorded.losses.slice(0, 9);
    expect(make()(9, losses)).toEqual(whole(9, losses));
  });

  it("warms up first", () => {
    const settings = { factor: 0.5, patience: 0, threshold: 0, cooldown: 0, min_learning_rate: 0 };
    const schedule = createSchedule({ name: "plateau", warmup_fraction: 0.2, ...settings }, 1, 10);
    expect([0, 1, 2].map((step) => schedule(step, []).learningRate)).toEqual([0, 0.5, 1]);
    expect(schedule(5, [1, 2]).learningRate).toBe(0.5);
  });
});

it("a constant rate warms up where it is asked to", () => {
  const schedule = createSchedule({ name: "constant", warmup_fraction: 0.4 }, 2, 10);
  expect([0, 1, 2, 3, 4, 9].map((step) => schedule(step).learningRate)).toEqual([0, 0.5, 1, 1.5, 2, 2]);
});
