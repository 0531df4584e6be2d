import { describe, expect, it } from "vitest";
import { accumulateErrors, addSums, emptySums } from "../../src/train/error-sums.ts";
import { meanErrors, meanLoss } from "../../src/train/index.ts";

/** One window of two steps and three channels. Errors 1, 4, −2 and 0.5, 3, −1; the 3 is masked, and all of channel 2. */
const batch = {
  predictions: Float32Array.of(1, 4, 0, 1, 3, 1),
  target: Float32Array.of(0, 0, 2, 0.5, 0, 2),
  mask: Float32Array.of(1, 1, 0, 1, 0, 0),
};

describe("sums of errors", () => {
  it("go by channel over what is observed", () => {
    const sums = emptySums(3);
    accumulateErrors(sums, batch);
    expect(sums).toMatchObject({
      squared: Float64Array.of(1.25, 16, 0),
      absolute: Float64Array.of(1.5, 4, 0),
      huber: Float64Array.of(0.625, 3.5, 0),
      count: Float64Array.of(2, 1, 0),
    });
  });

  it("take nothing from a value that is masked, be it NaN", () => {
    const sums = emptySums(3);
    const predictions = batch.predictions.with(4, Number.NaN);
    accumulateErrors(sums, { ...batch, predictions });
    expect(sums.absolute).toEqual(Float64Array.of(1.5, 4, 0));
  });

  it("add up", () => {
    const [sums, more] = [emptySums(3), emptySums(3)];
    accumulateErrors(sums, batch);
    accumulateErrors(more, batch);
    addSums(sums, more);
    const twice = emptySums(3);
    accumulateErrors(twice, batch);
    accumulateErrors(twice, batch);
    expect(sums).toEqual(twice);
  });
});

describe("means", () => {
  const sums = emptySums(3);
  accumulateErrors(sums, batch);

  it("go over every observed value of the targets, not over channels", () => {
    expect(meanErrors(sums, [0, 1])).toEqual({
      mse: 17.25 / 3,
      mae: 5.5 / 3,
      msePerChannel: [0.625, 16],
      maePerChannel: [0.75, 4],
    });
  });

  it("follow the order of the targets and leave others out", () => {
    expect(meanErrors(sums, [1])).toEqual({ mse: 16, mae: 4, msePerChannel: [16], maePerChannel: [4] });
    expect(meanErrors(sums, [1, 0]).msePerChannel).toEqual([16, 0.625]);
  });

  it.each([
    { kind: "mse", value: 17.25 / 3 },
    { kind: "mae", value: 5.5 / 3 },
    { kind: "huber", value: 4.125 / 3 },
  ] as const)("are the loss: $kind", ({ kind, value }) => {
    expect(meanLoss(sums, kind, [0, 1])).toBeCloseTo(value, 12);
  });
});
