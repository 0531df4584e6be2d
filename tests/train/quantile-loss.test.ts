import { expect, it } from "vitest";
import { float32Tensor, type Graph, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { addLoss } from "../../src/train/index.ts";
import { addQuantileSums, QUANTILE_SUMS } from "../../src/train/quantile-loss.ts";

const levels = [0.1, 0.5];

/** One window, two levels, two steps, two channels; the standardised quantiles are fed. */
function model(): GraphBuilder {
  const b = new GraphBuilder("quantiles");
  const standard = b.input("standard_quantiles", "float32", [1, 2, 2, 2]);
  b.input("loc", "float32", [1, 1, 2]);
  b.input("scale", "float32", [1, 1, 2]);
  const median = b.op("Slice", [standard, b.integers([1]), b.integers([2]), b.integers([1])]);
  b.op("Reshape", [median, b.integers([1, 2, 2])], undefined, { name: "predictions" });
  return b;
}

const feeds: Record<string, Tensor> = {
  standard_quantiles: float32Tensor([1, 2, 2, 2], [0, 0, 0, 0, 1, 1, 1, 1]),
  loc: float32Tensor([1, 1, 2], [10, 0]),
  scale: float32Tensor([1, 1, 2], [2, 1]),
  // standardised: channel 0 is 2, then missing; channel 1 is -1, then 1
  future_values: float32Tensor([1, 2, 2], [14, -1, 0, 1]),
  future_mask: float32Tensor([1, 2, 2], [1, 1, 0, 1]),
};

// 2·|y − ŷ|·(τ above, 1 − τ below), mean of the two levels
const first = (2 * (2 * 0.1) + 2 * (1 * 0.5)) / 2;
const second = (2 * (1 * 0.9) + 2 * (2 * 0.5) + 2 * (1 * 0.1) + 0) / 2;

it("sums over observed steps and means over levels, in the series' own units", async () => {
  const b = model();
  b.output(addLoss(b, "predictions", "quantile", levels));
  const { loss } = await evaluate(b.build(), { ...feeds, inverse_count: float32Tensor([], [0.5]) });
  expect(Number(loss?.data[0])).toBeCloseTo((first + second) / 2, 6);
});

it("gives the same sums per channel for evaluation", async () => {
  const b = model();
  b.output("predictions");
  const graph: Graph = addQuantileSums(b.build(), levels);
  const sums = (await evaluate(graph, feeds))[QUANTILE_SUMS];
  expect(Number(sums?.data[0])).toBeCloseTo(first, 6);
  expect(Number(sums?.data[1])).toBeCloseTo(second, 6);
});

it("is refused for a model of points", () => {
  const b = new GraphBuilder("points");
  b.input("predictions", "float32", [1, 2, 2]);
  expect(() => addLoss(b, "predictions", "quantile", null)).toThrow(
    expect.objectContaining({ code: "TRAIN_WRONG_LOSS", fix: expect.stringContaining("training.loss=mse") }),
  );
});
