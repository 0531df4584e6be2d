import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { float32Tensor, type Graph, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import {
  buildGradientGraph,
  type LossKind,
  layoutParameters,
  PARAMETERS,
  packParameters,
} from "../../src/train/index.ts";
import { everyWeight, randomTensor, smallTtm } from "./support.ts";

/** predictions = past + shift, so that the gradient of `shift` is the loss's own. */
function shifted(): Graph {
  const b = new GraphBuilder("shifted");
  const past = b.input("past_values", "float32", [1, 2, 2]);
  const shift = b.initializer("shift", float32Tensor([1, 2, 2], [0, 0, 0, 0]));
  b.output(b.op("Add", [past, shift]), "predictions");
  return b.build();
}

describe("a masked loss", () => {
  // errors 0.5, −2, 3 and −1 (δ = 1); the third is masked
  const feeds = {
    past_values: float32Tensor([1, 2, 2], [0.5, 0, 3, 1]),
    future_values: float32Tensor([1, 2, 2], [0, 2, 0, 2]),
    future_mask: float32Tensor([1, 2, 2], [1, 1, 0, 1]),
    inverse_count: float32Tensor([], [1 / 3]),
    [PARAMETERS]: float32Tensor([4], [0, 0, 0, 0]),
  };
  const cases: readonly { kind: LossKind; loss: number; gradient: readonly number[] }[] = [
    { kind: "mse", loss: (0.25 + 4 + 1) / 3, gradient: [1 / 3, -4 / 3, 0, -2 / 3] },
    { kind: "mae", loss: (0.5 + 2 + 1) / 3, gradient: [1 / 3, -1 / 3, 0, -1 / 3] },
    { kind: "huber", loss: (0.125 + 1.5 + 0.5) / 3, gradient: [0.5 / 3, -1 / 3, 0, -1 / 3] },
  ];

  it.each(cases)("$kind and its gradient are what they are by hand", async ({ kind, loss, gradient }) => {
    const forward = shifted();
    const layout = layoutParameters(forward.initializers, ["shift"]);
    const { graph, masks } = buildGradientGraph({ forward, layout, loss: kind });
    const results = await evaluate(graph, feeds);
    expect(masks).toEqual([]);
    expect(results["loss"]?.shape).toEqual([]);
    expect(Number(results["loss"]?.data[0])).toBeCloseTo(loss, 6);
    gradient.forEach((value, index) => {
      expect(Number(results["gradient"]?.data[index]), `value ${index}`).toBeCloseTo(value, 6);
    });
  });
});

describe("values to stop at", () => {
  /** predictions = past · (w² · w), where w² may be taken as a constant. */
  function cubed(): Graph {
    const b = new GraphBuilder("cubed");
    const past = b.input("past_values", "float32", [1, 1, 1]);
    const w = b.initializer("w", float32Tensor([1], [2]));
    const square = b.op("Mul", [w, w], undefined, { name: "square" });
    b.output(b.op("Mul", [past, b.op("Mul", [square, w])]), "predictions");
    return b.build();
  }

  it.each([
    { stop: [], gradient: 2 * 8 * 3 * 4 },
    { stop: ["square"], gradient: 2 * 8 * 4 },
  ])("are constants of the gradient: $stop", async ({ stop, gradient }) => {
    const forward = cubed();
    const layout = layoutParameters(forward.initializers, ["w"]);
    const { graph } = buildGradientGraph({ forward, layout, loss: "mse", stopGradients: new Set(stop) });
    const one = float32Tensor([1, 1, 1], [1]);
    const results = await evaluate(graph, {
      past_values: one,
      future_values: float32Tensor([1, 1, 1], [0]),
      future_mask: one,
      inverse_count: float32Tensor([], [1]),
      [PARAMETERS]: float32Tensor([1], [2]),
    });
    expect(Number(results["gradient"]?.data[0])).toBeCloseTo(gradient, 3);
  });
});

describe("the parts of a batch", () => {
  const model = smallTtm();
  const { layout, parameters } = everyWeight(model);
  const random = Random.fromSeed(8);
  const WINDOWS = 5;
  const [past, future] = [randomTensor([WINDOWS, 16, 2], random), randomTensor([WINDOWS, 4, 2], random)];
  const mask = float32Tensor(
    [WINDOWS, 4, 2],
    Array.from({ length: WINDOWS * 8 }, () => (random.uniform() < 0.8 ? 1 : 0)),
  );
  const observed = (mask.data as Float32Array).reduce((sum, value) => sum + value, 0);

  /** Windows from `from` on, filled up with zeros. */
  function windows(tensor: Tensor, from: number, count: number): Tensor {
    const size = tensor.data.length / WINDOWS;
    const data = new Float32Array(count * size);
    data.set((tensor.data as Float32Array).subarray(from * size, (from + count) * size));
    return float32Tensor([count, ...tensor.shape.slice(1)], data);
  }

  async function run(loss: LossKind, from: number, count: number) {
    const forward = model.build({ batch: count, channels: 2, training: true });
    const results = await evaluate(buildGradientGraph({ forward, layout, loss }).graph, {
      past_values: windows(past, from, count),
      future_values: windows(future, from, count),
      future_mask: windows(mask, from, count),
      inverse_count: float32Tensor([], [1 / observed]),
      [PARAMETERS]: float32Tensor([layout.size], parameters),
    });
    return { loss: Number(results["loss"]?.data[0]), gradient: results["gradient"]?.data as Float32Array };
  }

  it.each<LossKind>(["mse", "mae", "huber"])(
    "add up to the whole, the last one padded with zeros: %s",
    async (kind) => {
      const whole = await run(kind, 0, WINDOWS);
      const parts = [await run(kind, 0, 2), await run(kind, 2, 2), await run(kind, 4, 2)];
      const sum = (index: number) =>
        parts.reduce((all, { gradient }) => all + (gradient[index] as number), 0);
      expect(parts.reduce((all, { loss }) => all + loss, 0)).toBeCloseTo(whole.loss, 5);
      const largest = whole.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(largest).toBeGreaterThan(0.01);
      whole.gradient.forEach((value, index) => {
        expect(Math.abs(sum(index) - value), `value ${index}`).toBeLessThan(1e-5 * largest);
      });
    },
  );

  it("lie in the order of the layout: a change of one tensor moves the loss by its stretch of the gradient", async () => {
    const whole = await run("mse", 0, WINDOWS);
    const forward = model.build({ batch: WINDOWS, channels: 2, training: true });
    const { graph } = buildGradientGraph({ forward, layout, loss: "mse" });
    for (const slot of layout.slots.filter((_, index) => index % 7 === 0)) {
      const moved = async (step: number) => {
        const values = packParameters(layout, model.weights);
        for (let i = slot.offset; i < slot.offset + slot.size; i++) {
          (values[i] as number) += step * Math.sign(whole.gradient[i] as number);
        }
        const results = await evaluate(graph, {
          past_values: past,
          future_values: future,
          future_mask: mask,
          inverse_count: float32Tensor([], [1 / observed]),
          [PARAMETERS]: float32Tensor([layout.size], values),
        });
        return Number(results["loss"]?.data[0]);
      };
      const stretch = whole.gradient.subarray(slot.offset, slot.offset + slot.size);
      const expected = stretch.reduce((sum, value) => sum + Math.abs(value), 0);
      const numeric = ((await moved(2e-3)) - (await moved(-2e-3))) / 4e-3;
      expect(Math.abs(numeric - expected), slot.name).toBeLessThan(0.02 * expected + 1e-3);
    }
  });
});
