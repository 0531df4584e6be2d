import { beforeEach, describe, expect, it } from "vitest";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { adamW, buildUpdateGraph } from "../../src/optim/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { addLossScaling, torchLossScaling } from "../../src/train/index.ts";

const optimizer = adamW({ betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.1 });
const plain = buildUpdateGraph({ size: 3, optimizer, clipNorm: 1, parts: 2 });
const scaling = { ...torchLossScaling, growthInterval: 3 };
const scaled = addLossScaling(plain, scaling);

const vector = (...values: number[]) => float32Tensor([values.length], values);
const number = (value: number) => float32Tensor([], [value]);
const scalars = Object.fromEntries(
  Object.entries(optimizer.scalarValues({ index: 2, learningRate: 0.1 })).map(([name, value]) => [
    name,
    number(value),
  ]),
);
const begin = {
  parameters: vector(1, -2, 3),
  state_m: vector(0.1, 0.2, -0.3),
  state_v: vector(0.01, 0.02, 0.03),
};
const zeros = vector(0, 0, 0);

describe("an update with a loss scale", () => {
  let state: Record<string, Tensor>;
  beforeEach(() => {
    state = { state_loss_scale: number(1024), state_good_steps: number(0), state_skipped_steps: number(0) };
  });

  async function update(gradient: Tensor) {
    const next = await evaluate(scaled, {
      ...begin,
      ...scalars,
      ...state,
      gradient_0: gradient,
      gradient_1: zeros,
    });
    for (const name of Object.keys(state)) state[name] = next[`next_${name}`] as Tensor;
    return next;
  }
  const now = () => Object.values(state).map(({ data }) => Number(data[0]));

  it("is the plain one of the gradient divided by it", async () => {
    const gradient = [0.5, -0.25, 2];
    const expected = await evaluate(plain, {
      ...begin,
      ...scalars,
      gradient_0: vector(...gradient),
      gradient_1: zeros,
    });
    const next = await update(vector(...gradient.map((value) => value * 1024)));
    for (const name of Object.keys(expected)) expect(next[name]?.data, name).toEqual(expected[name]?.data);
    expect(now()).toEqual([1024, 1, 0]);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])(
    "changes no bit where a gradient is %d, and halves the scale",
    async (value) => {
      const next = await update(vector(0.5, value, 2));
      for (const [name, { data }] of Object.entries(begin))
        expect(next[`next_${name}`]?.data, name).toEqual(data);
      expect(now()).toEqual([512, 0, 1]);
    },
  );

  it("doubles the scale after enough good steps in a row, as torch's GradScaler", async () => {
    const good = vector(1, 1, 1);
    const seen: number[][] = [];
    for (const gradient of [good, good, vector(Number.NaN, 0, 0), good, good, good, good]) {
      await update(gradient);
      seen.push(now());
    }
    // GradScaler(init_scale=1024, growth_interval=3): the overflow sets the count back
    expect(seen).toEqual([
      [1024, 1, 0],
      [1024, 2, 0],
      [512, 0, 1],
      [512, 1, 1],
      [512, 2, 1],
      [1024, 0, 1],
      [1024, 1, 1],
    ]);
  });

  it("does not grow beyond what float32 holds", async () => {
    state = { ...state, state_loss_scale: number(2 ** 127), state_good_steps: number(2) };
    await update(vector(1, 1, 1));
    expect(now()).toEqual([2 ** 127, 0, 0]);
  });
});
