import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { ParzenEstimator } from "../../src/sweep/samplers/parzen-estimator.ts";
import type { Distribution } from "../../src/sweep/space/distribution.ts";

interface ParzenCase {
  readonly observations: readonly number[][];
  readonly weights: readonly number[];
  readonly points: readonly number[][];
  readonly log_density: readonly number[];
}

const recorded: { readonly distributions: Distribution[]; readonly cases: ParzenCase[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, "data", "parzen.json"), "utf8"),
);
const settings = { priorWeight: 1, magicClip: true, endpoints: false };

describe("ParzenEstimator", () => {
  it.each(recorded.cases.map((item) => [item.observations.length, item] as const))(
    "has Optuna's densities around %i observations",
    (_, { observations, weights, points, log_density }) => {
      const estimator = new ParzenEstimator(recorded.distributions, observations, weights, settings);
      for (const [index, point] of points.entries()) {
        expect(estimator.logDensity(point)).toBeCloseTo(log_density[index] ?? Number.NaN, 4);
      }
    },
  );

  it("draws values of the space", () => {
    const [last] = recorded.cases.slice(-1);
    const { observations = [], weights = [] } = last ?? {};
    const estimator = new ParzenEstimator(recorded.distributions, observations, weights, settings);
    const random = Random.fromSeed(1);
    for (let draw = 0; draw < 200; draw++) {
      for (const [index, value] of estimator.draw(random).entries()) {
        const distribution = recorded.distributions[index];
        if (distribution?.kind === "categorical") expect(Number.isInteger(value) && value < 5).toBe(true);
        else {
          expect(value).toBeGreaterThanOrEqual(distribution?.low ?? 0);
          expect(value).toBeLessThanOrEqual(distribution?.high ?? 0);
        }
      }
    }
  });

  it("has a density that sums to 1 over steps", () => {
    const distributions: Distribution[] = [{ kind: "int", low: 1, high: 50, log: true, step: 1 }];
    const estimator = new ParzenEstimator(distributions, [[3], [40], [7]], [1, 1, 1], settings);
    const sum = Array.from({ length: 50 }, (_, index) => Math.exp(estimator.logDensity([index + 1])));
    expect(sum.reduce((total, share) => total + share)).toBeCloseTo(1, 5);
  });
});
