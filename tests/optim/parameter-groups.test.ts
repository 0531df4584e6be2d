import { describe, expect, it } from "vitest";
import { multiplyFactors, optimizerSchema, parameterFactors } from "../../src/optim/index.ts";

const tensors = [
  { name: "head.weight", shape: [2, 1], size: 2 },
  { name: "head.bias", shape: [2], size: 2 },
  { name: "norm.weight", shape: [1], size: 1 },
];
const group = (params: string, lr_factor = 1, weight_decay_factor = 1) => ({
  params,
  lr_factor,
  weight_decay_factor,
});

describe("parameter groups", () => {
  it("give no factors where there is nothing to say", () => {
    expect(parameterFactors(tensors, { groups: [], decay_on: "all" })).toEqual({
      rateFactors: undefined,
      decayFactors: undefined,
      unmatched: [],
    });
  });

  it("take the first pattern that a name contains, and name those that match nothing", () => {
    const groups = [group("bias$", 2), group("^head", 3, 0.5), group("tail")];
    expect(parameterFactors(tensors, { groups, decay_on: "all" })).toEqual({
      rateFactors: Float32Array.of(3, 3, 2, 2, 1),
      decayFactors: Float32Array.of(0.5, 0.5, 1, 1, 1),
      unmatched: ["tail"],
    });
  });

  it("leave biases and norms without decay", () => {
    const { decayFactors, rateFactors } = parameterFactors(tensors, { groups: [], decay_on: "matrices" });
    expect(decayFactors).toEqual(Float32Array.of(1, 1, 0, 0, 0));
    expect(rateFactors).toBeUndefined();
  });

  it("multiply with others", () => {
    const a = { rateFactors: Float32Array.of(2, 3), decayFactors: undefined };
    const b = { rateFactors: Float32Array.of(5, 7), decayFactors: Float32Array.of(0, 1) };
    expect(multiplyFactors(a, b)).toEqual({
      rateFactors: Float32Array.of(10, 21),
      decayFactors: Float32Array.of(0, 1),
    });
  });

  it("refuse a pattern that is no regular expression", () => {
    const settings = { name: "lion", betas: [0.9, 0.99], weight_decay: 0, groups: [{ params: "(" }] };
    expect(optimizerSchema.safeParse(settings).error?.issues[0]?.message).toBe("not a regular expression");
  });
});
