import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { replaySweepFile, sweepFiles } from "../../scripts/goldens/sweep.ts";
import { SobolSequence, StoppingHalving } from "../../src/sweep/index.ts";

const own = join(import.meta.dirname, "data");
const shared = join(
  process.env["TTM_SHARED"] ?? resolve(import.meta.dirname, "../../../shared"),
  "goldens-sweep",
);

/** scipy 1.17.1: qmc.Sobol(1111, scramble=False, bits=30), points 1, 2 and 1023, times 2^30. */
const lastDimension = [536_870_912, 805_306_368, 632_291_328];

/** Sobol points of scipy; decisions of Optuna's pruner and of two forms of ASHA, from recorded studies. */
function failures(folder: string) {
  const replays = sweepFiles(folder).flatMap(replaySweepFile);
  return { count: replays.length, failed: replays.filter(({ ok }) => !ok) };
}

describe("the exact answers", () => {
  it("hold, those that stand here", () => expect(failures(own)).toEqual({ count: 31, failed: [] }));

  if (existsSync(shared)) it("hold, all", () => expect(failures(shared).failed).toEqual([]));
  else it.skip("../shared/goldens-sweep is not there (TTM_SHARED names another place)", () => {});
});

describe("SobolSequence", () => {
  it("has the last of its 1,111 dimensions from scipy", () => {
    const last = (num: number) => new SobolSequence(1111).integers(num).at(-1);
    expect([1, 2, 1023].map(last)).toEqual(lastDimension);
  });

  it("keeps one point in every stretch of 1/64 when scrambled, whatever the seed", () => {
    const sequence = new SobolSequence(5);
    for (const seed of [0, 1, 42]) {
      const points = Array.from({ length: 64 }, (_, num) => sequence.scrambledPoint(num, seed));
      for (const key of [0, 1, 2, 3, 4]) {
        const stretches = points.map((point) => Math.floor((point[key] ?? 0) * 64));
        expect(new Set(stretches).size).toBe(64);
      }
    }
  });

  it("scrambles each seed its own way", () => {
    const first = (seed: number) => new SobolSequence(3).scrambledPoint(0, seed);
    expect(first(1)).not.toEqual(first(2));
    expect(first(1)).toEqual(first(1));
  });
});

describe("StoppingHalving", () => {
  it("stops on not-a-number where it is told to", () => {
    const settings = { direction: "minimize", minResource: 1, maxResource: 9, reduction: 3 } as const;
    const report = { step: 1, value: Number.NaN };
    expect(new StoppingHalving({ ...settings, onNan: "stop" }).report(0, report)).toEqual({
      stop: "step 1 reported nan",
    });
    expect(new StoppingHalving({ ...settings, onNan: "continue" }).report(0, report)).toBe("continue");
  });
});
