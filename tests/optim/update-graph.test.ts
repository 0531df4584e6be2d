import { afterEach, describe, expect, it } from "vitest";
import { Random } from "../../src/core/index.ts";
import { loraPlusFactors } from "../../src/lora/index.ts";
import { float32Tensor } from "../../src/onnx/index.ts";
import {
  adamW,
  buildUpdateGraph,
  constantSchedule,
  createOptimizer,
  type Optimizer,
  oneCycleSchedule,
  type Schedule,
  sgd,
  type UpdateGraphOptions,
  withAverage,
} from "../../src/optim/index.ts";
import { createSession, type Session } from "../../src/runtime/index.ts";
import { clipNorm, ReferenceAdamW, ReferenceSgd, type ReferenceStep } from "./reference-optimizers.ts";

/** The update graph with its state carried from step to step. */
class Stepper {
  readonly #session: Session;
  readonly #optimizer: Optimizer;
  #state: Record<string, Float32Array>;
  parameters: Float32Array;
  #index = 0;

  get state(): Readonly<Record<string, Float32Array>> {
    return this.#state;
  }

  constructor(session: Session, optimizer: Optimizer, parameters: Float32Array) {
    this.#session = session;
    this.#optimizer = optimizer;
    this.parameters = parameters;
    this.#state = Object.fromEntries(
      optimizer.state.map((name) => [name, new Float32Array(parameters.length)]),
    );
  }

  /** @returns the norm before clipping */
  async step(gradients: readonly Float32Array[], rate: ReturnType<Schedule>): Promise<number> {
    const vector = (data: Float32Array) => float32Tensor([data.length], data);
    const scalars = this.#optimizer.scalarValues({ index: ++this.#index, ...rate });
    const results = await this.#session.run({
      parameters: vector(this.parameters),
      ...Object.fromEntries(gradients.map((gradient, part) => [`gradient_${part}`, vector(gradient)])),
      ...Object.fromEntries(
        Object.entries(this.#state).map(([name, data]) => [`state_${name}`, vector(data)]),
      ),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, float32Tensor([], [value])]),
      ),
    });
    this.parameters = results["next_parameters"]?.data as Float32Array;
    this.#state = Object.fromEntries(
      this.#optimizer.state.map((name) => [name, results[`next_state_${name}`]?.data as Float32Array]),
    );
    return Number(results["grad_norm"]?.data[0]);
  }
}

const sessions: Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.release();
});

async function stepper(
  parameters: readonly number[],
  options: Omit<UpdateGraphOptions, "size">,
): Promise<Stepper> {
  const session = await createSession(buildUpdateGraph({ ...options, size: parameters.length }));
  sessions.push(session);
  return new Stepper(session, options.optimizer, Float32Array.from(parameters));
}

const SIZE = 12;
const numbers = (random: Random, scale = 1) => Array.from({ length: SIZE }, () => random.normal(scale));

interface Parity {
  readonly options: Omit<UpdateGraphOptions, "size">;
  readonly reference: (parameters: readonly number[]) => ReferenceAdamW | ReferenceSgd;
  readonly schedule: Schedule;
  readonly weightDecay: number;
  /** Without a schedule that cycles it. */
  readonly beta1: number;
  readonly steps?: number;
}

/** Runs graph and float64 reference side by side on random gradients of changing size. */
async function expectParity({ options, reference, schedule, weightDecay, beta1, steps = 40 }: Parity) {
  const random = Random.fromSeed(11);
  const start = Array.from(Float32Array.from(numbers(random)));
  const graph = await stepper(start, options);
  const expected = reference(start);
  const [rateFactors, decayFactors] = [options.rateFactors, options.decayFactors];
  for (let step = 0; step < steps; step++) {
    const parts = Array.from({ length: options.parts ?? 1 }, () =>
      Float32Array.from(numbers(random, 0.02 * (1 + (step % 7)) ** 2)),
    );
    const sum = Float64Array.from({ length: SIZE }, (_, i) =>
      parts.reduce((all, part) => all + (part[i] ?? 0), 0),
    );
    const { gradient, norm } = clipNorm(sum, options.clipNorm);
    const rate = schedule(step);
    const settings: ReferenceStep = {
      gradient,
      learningRates: start.map((_, i) => rate.learningRate * (rateFactors?.[i] ?? 1)),
      decays: start.map((_, i) => weightDecay * (decayFactors?.[i] ?? 1)),
      beta1: rate.beta1 ?? beta1,
    };
    expected.step(settings);
    expect(await graph.step(parts, rate)).toBeCloseTo(norm, 5);
  }
  const change = Math.max(...expected.parameters.map((value, i) => Math.abs(value - (start[i] ?? 0))));
  expect(change).toBeGreaterThan(1e-2);
  expected.parameters.forEach((value, i) => {
    expect(Math.abs((graph.parameters[i] ?? Number.NaN) - value), `value ${i}`).toBeLessThan(2e-5 * change);
  });
}

const factors = {
  rateFactors: Float32Array.from({ length: SIZE }, (_, i) => (i < 5 ? 1 : 16)),
  decayFactors: Float32Array.from({ length: SIZE }, (_, i) => (i < 8 ? 1 : 0)),
};

describe("AdamW against torch's formulas in float64", () => {
  const settings = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.1 } as const;
  const base = {
    options: { optimizer: adamW(settings), clipNorm: null },
    reference: (parameters: readonly number[]) => new ReferenceAdamW(parameters, 0.999, 1e-8),
    schedule: constantSchedule(0.01),
    weightDecay: 0.1,
    beta1: 0.9,
  };

  it("with decay", () => expectParity(base));
  it("with clipping", () => expectParity({ ...base, options: { ...base.options, clipNorm: 0.5 } }));
  it("with several gradients to sum", () =>
    expectParity({ ...base, options: { ...base.options, parts: 3 } }));
  it("with rates and decays by value", () =>
    expectParity({ ...base, options: { ...base.options, ...factors } }));
  it("with a cycled beta", () =>
    expectParity({ ...base, schedule: oneCycleSchedule({ maxLearningRate: 0.02, totalSteps: 40 }) }));
  it("with an eps that matters", () => {
    const optimizer = adamW({ ...settings, eps: 0.05 });
    return expectParity({
      ...base,
      options: { optimizer, clipNorm: null },
      reference: (parameters) => new ReferenceAdamW(parameters, 0.999, 0.05),
    });
  });

  it("moves by the whole rate in its first step, against the sign of the gradient", async () => {
    const graph = await stepper([1, 1, 1], {
      optimizer: adamW({ ...settings, weightDecay: 0 }),
      clipNorm: null,
    });
    await graph.step([Float32Array.of(1e-3, -50, 0)], { learningRate: 0.1 });
    expect(graph.parameters[0]).toBeCloseTo(0.9, 5);
    expect(graph.parameters[1]).toBeCloseTo(1.1, 5);
    expect(graph.parameters[2]).toBe(1);
  });

  it("only decays where there is no gradient", async () => {
    const graph = await stepper([2], { optimizer: adamW(settings), clipNorm: null });
    await graph.step([Float32Array.of(0)], { learningRate: 0.5 });
    expect(graph.parameters[0]).toBeCloseTo(2 * (1 - 0.5 * 0.1), 6);
  });
});

describe("SGD against torch's formulas in float64", () => {
  const base = (momentum: number, nesterov = false, weightDecay = 0.1) => ({
    options: { optimizer: sgd({ momentum, weightDecay, nesterov }), clipNorm: null },
    reference: (parameters: readonly number[]) => new ReferenceSgd(parameters, nesterov),
    schedule: constantSchedule(0.02),
    weightDecay,
    beta1: momentum,
  });

  it("plain", () => expectParity(base(0, false, 0)));
  it("with decay", () => expectParity(base(0)));
  it("with momentum", () => expectParity(base(0.9)));
  it("with Nesterov's momentum", () => expectParity(base(0.9, true)));
  it("with rates and decays by value, clipped, in two parts", () => {
    const { options, ...rest } = base(0.8);
    return expectParity({ ...rest, options: { ...options, ...factors, clipNorm: 0.3, parts: 2 } });
  });
  it("with a cycled momentum", () =>
    expectParity({ ...base(0.9), schedule: oneCycleSchedule({ maxLearningRate: 0.05, totalSteps: 40 }) }));

  it("takes two steps with momentum, by hand", async () => {
    const graph = await stepper([1], { optimizer: sgd({ momentum: 0.5, weightDecay: 0 }), clipNorm: null });
    await graph.step([Float32Array.of(2)], { learningRate: 0.1 }); // v = 2
    expect(graph.parameters[0]).toBeCloseTo(0.8, 6);
    await graph.step([Float32Array.of(1)], { learningRate: 0.1 }); // v = 0.5·2 + 1
    expect(graph.parameters[0]).toBeCloseTo(0.6, 6);
  });
});

describe("clipping", () => {
  const plain = sgd({ momentum: 0, weightDecay: 0 });

  it.each([
    { most: 1, moved: 5 / (5 + 1e-6) / 5 },
    { most: 5, moved: 5 / (5 + 1e-6) },
    { most: 6, moved: 1 },
    { most: null, moved: 1 },
  ])("to $most scales the gradient [3, 4], and reports its norm before", async ({ most, moved }) => {
    const graph = await stepper([0, 0], { optimizer: plain, clipNorm: most });
    expect(await graph.step([Float32Array.of(3, 4)], { learningRate: 1 })).toBe(5);
    expect(graph.parameters[0]).toBeCloseTo(-3 * moved, 5);
    expect(graph.parameters[1]).toBeCloseTo(-4 * moved, 5);
  });

  it("looks at the sum of the parts", async () => {
    const graph = await stepper([0, 0], { optimizer: plain, clipNorm: 1, parts: 3 });
    const parts = [Float32Array.of(10, 1), Float32Array.of(-9, 1), Float32Array.of(2, 2)];
    expect(await graph.step(parts, { learningRate: 1 })).toBe(5);
    expect(graph.parameters[0]).toBeCloseTo(-0.6, 5);
    expect(graph.parameters[1]).toBeCloseTo(-0.8, 5);
  });

  it("leaves a zero gradient zero", async () => {
    const graph = await stepper([7], { optimizer: plain, clipNorm: 1 });
    expect(await graph.step([Float32Array.of(0)], { learningRate: 1 })).toBe(0);
    expect(graph.parameters[0]).toBe(7);
  });
});

describe("LoRA+", () => {
  const prefix = "base_model.model.head.base_forecast_block";
  const tensors = [
    { name: `${prefix}.lora_A.weight`, shape: [2, 3], size: 6 },
    { name: `${prefix}.lora_B.weight`, shape: [2, 2], size: 4 },
    { name: `${prefix}.base_layer.bias`, shape: [2], size: 2 },
    { name: `${prefix}.lora_magnitude_vector`, shape: [2], size: 2 },
    { name: "base_model.model.emb.lora_embedding_B", shape: [2, 1], size: 2 },
    { name: "base_model.model.lora_Better.modules_to_save.weight", shape: [1, 2], size: 2 },
  ];
  const stretch = (...parts: readonly (readonly [number, number])[]) =>
    parts.flatMap(([value, count]) => Array<number>(count).fill(value));

  it("lets B and every one-dimensional value learn faster, and biases not decay", () => {
    const { rateFactors, decayFactors } = loraPlusFactors(tensors, 16);
    expect([...rateFactors]).toEqual(stretch([1, 6], [16, 4], [16, 2], [16, 2], [16, 2], [1, 2]));
    expect([...decayFactors]).toEqual(stretch([1, 6], [1, 4], [0, 2], [1, 2], [1, 2], [1, 2]));
  });

  it("goes into the update as a rate of each value", async () => {
    const { rateFactors } = loraPlusFactors(tensors.slice(0, 2), 16);
    const optimizer = sgd({ momentum: 0, weightDecay: 0 });
    const graph = await stepper(Array<number>(10).fill(0), { optimizer, clipNorm: null, rateFactors });
    await graph.step([new Float32Array(10).fill(1)], { learningRate: 0.5 });
    expect([...graph.parameters]).toEqual(stretch([-0.5, 6], [-8, 4]));
  });
});

describe("the optimizer that settings name", () => {
  it("takes their numbers", () => {
    const adam = createOptimizer({ name: "adamw", betas: [0.8, 0.9], eps: 1e-6, weight_decay: 0.3 });
    expect(adam.scalarValues({ index: 2, learningRate: 0.1 })).toEqual({
      beta1: 0.8,
      one_minus_beta1: expect.closeTo(0.2, 12),
      step_size: expect.closeTo(0.1 / 0.36, 12),
      root_correction: expect.closeTo(1 / Math.sqrt(0.19), 12),
      decay: expect.closeTo(0.03, 12),
    });
    const momentum = createOptimizer({ name: "sgd", momentum: 0.7, weight_decay: 0, nesterov: false });
    expect(momentum.scalarValues({ index: 1, learningRate: 0.1 })).toEqual({
      learning_rate: 0.1,
      momentum: 0.7,
    });
    expect(momentum.state).toEqual(["velocity"]);
  });
});

describe("clipping by value", () => {
  const optimizer = sgd({ momentum: 0, weightDecay: 0 });
  const gradient = Float32Array.of(3, -4, 0.5);

  it("bounds each value, and still reports the norm before it", async () => {
    const graph = await stepper([0, 0, 0], { optimizer, clipNorm: null, clipValue: 1 });
    expect(await graph.step([gradient], { learningRate: 1 })).toBeCloseTo(Math.sqrt(25.25), 5);
    expect([...graph.parameters]).toEqual([-1, 1, -0.5]);
  });

  it("comes before clipping by the norm", async () => {
    const graph = await stepper([0, 0, 0], { optimizer, clipNorm: 0.75, clipValue: 1 });
    await graph.step([gradient], { learningRate: 1 });
    // (1, −1, 0.5) has the norm 1.5
    [-0.5, 0.5, -0.25].forEach((value, index) => {
      expect(graph.parameters[index]).toBeCloseTo(value, 5);
    });
  });
});

describe("a moving average", () => {
  it("looks back over few steps at first, and not to the start", async () => {
    const optimizer = withAverage(sgd({ momentum: 0, weightDecay: 0 }), 0.5);
    const graph = await stepper([10], { optimizer, clipNorm: null });
    const seen: number[] = [];
    for (const step of [1, 2, 3]) {
      await graph.step([Float32Array.of(step)], { learningRate: 1 });
      seen.push(Number(graph.parameters[0]));
    }
    expect(seen).toEqual([9, 7, 4]);
    // decays 2/11, 3/12, 4/13: shares (9/11)(3/12)(4/13), (9/12)(4/13), 9/13, over 1 − (2/11)(3/12)(4/13)
    expect(optimizer.average?.(graph.state, 3)?.[0]).toBeCloseTo(
      ((27 * 9) / 429 + (3 * 7) / 13 + (9 * 4) / 13) / (141 / 143),
      5,
    );
    expect(optimizer.average?.(graph.state, 0)).toBeUndefined();
  });

  it("follows with its own decay once it has seen many steps", () => {
    const optimizer = withAverage(sgd({ momentum: 0, weightDecay: 0 }), 0.5);
    const decays = [1, 8, 9, 1000].map(
      (index) => optimizer.scalarValues({ index, learningRate: 1 })["average_decay"],
    );
    expect(decays).toEqual([2 / 11, 0.5, 0.5, 0.5]);
  });
});
