import { describe, expect, it } from "vitest";
import { Random } from "../../../src/core/index.ts";
import { createTtm } from "../../../src/models/index.ts";
import { sincosTable } from "../../../src/models/ttm/sincos-table.ts";
import { r2Config, tinyTtm } from "../support.ts";

describe("new weights", () => {
  it("are torch's defaults: linear layers uniform within ±1/√in, norms one and zero", () => {
    const { linearModules, weights } = createTtm({
      config: r2Config,
      weights: "random",
      random: Random.fromSeed(7),
    });
    for (const { weight, inFeatures } of linearModules) {
      const values = Array.from(weights.get(weight)?.data as Float32Array);
      const bound = 1 / Math.sqrt(inFeatures);
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bound);
      expect(deviation / (bound / Math.sqrt(3))).toBeCloseTo(1, 0); // a uniform's deviation is bound/√3
    }
    const norm = "decoder.decoder_block.mixers.0.patch_mixer.norm.norm";
    expect(new Set(weights.get(`${norm}.weight`)?.data as Float32Array)).toEqual(new Set([1]));
    expect(new Set(weights.get(`${norm}.bias`)?.data as Float32Array)).toEqual(new Set([0]));
  });

  it("repeat for a seed and differ for another", () => {
    const name = "head.base_forecast_block.weight";
    const draw = (seed: number) => tinyTtm({}, seed).weights.get(name)?.data;
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
  });

  it("hold the fixed positional table: sine, cosine, centred, a tenth of a deviation", () => {
    // [0, 1; sin 1, cos 1] less its mean 0.595443, over ten times its deviation 0.440374
    const expected = [-0.135213, 0.091867, 0.055868, -0.012521];
    Array.from(sincosTable(2, 2).data as Float32Array).forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 5);
    });
  });
});
