import { describe, expect, it } from "vitest";
import { type DropoutMask, drawMasks } from "../../src/train/index.ts";

const SIZE = 200_000;
const at = { seed: 7, step: 3, piece: 1 };
const maskOf = (size: number, ratio: number): DropoutMask => ({ input: "mask", shape: [size], size, ratio });
const meanOf = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function draw(masks: readonly DropoutMask[], before = 0): Uint8Array[] {
  const total = masks.reduce((sum, { size }) => sum + size, 0);
  return drawMasks(masks, new Uint8Array(before + total).subarray(before), at);
}

describe("drawMasks, 32 values at a time", () => {
  it("keeps nothing at 1", () => {
    expect(draw([maskOf(100, 1)]).map(meanOf)).toEqual([0]);
  });

  it.each([1, 31, 32, 33, 1000])("draws a mask of %i the same on a whole word and beside one", (size) => {
    expect(draw([maskOf(size, 0.4)], 1)).toEqual(draw([maskOf(size, 0.4)], 0));
  });

  it.each([0.1, 0.4, 0.7])("draws neighbours independently at %f, within five deviations", (ratio) => {
    const [mask = new Uint8Array()] = draw([maskOf(SIZE, ratio)]);
    const expected = (1 - ratio) ** 2;
    for (const lag of [1, 2, 4, 8, 31, 32, 33, 64]) {
      const both = meanOf(mask.slice(lag).map((value, index) => value * (mask[index] ?? 0)));
      expect(Math.abs(both - expected)).toBeLessThan(5 * Math.sqrt((2 * expected) / SIZE));
    }
  });
});
