import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { buildUpdateGraph, createOptimizer, type OptimizerSettings } from "../../src/optim/index.ts";
import { createSession } from "../../src/runtime/index.ts";

interface Curve {
  readonly settings: OptimizerSettings;
  readonly learning_rate: number;
  readonly parameters: readonly (readonly number[])[];
}

interface Recorded {
  readonly shapes: readonly (readonly number[])[];
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly adam: Curve;
  readonly lion: Curve;
  readonly adafactor: Curve;
}

/** What torch, transformers and the Lion paper's algorithm compute: data/make.py. */
const recorded: Recorded = JSON.parse(readFileSync(new URL("data/optimizers.json", import.meta.url), "utf8"));

const slots = recorded.shapes.map((shape, index) => {
  const size = (of: readonly number[]) => of.reduce((product, side) => product * side, 1);
  const offset = recorded.shapes.slice(0, index).reduce((sum, before) => sum + size(before), 0);
  return { shape, offset, size: size(shape) };
});

/** Runs the update graph over the recorded gradients. */
async function run({ settings, learning_rate }: Curve): Promise<number[][]> {
  const size = recorded.start.length;
  const vector = (values: ArrayLike<number>): Tensor => float32Tensor([size], Float32Array.from(values));
  const optimizer = createOptimizer(settings, slots);
  const session = await createSession(buildUpdateGraph({ size, optimizer, clipNorm: null }));
  let parameters = vector(recorded.start);
  let state = Object.fromEntries(
    optimizer.state.map((name) => [`state_${name}`, vector(new Float32Array(size))]),
  );
  const curve: number[][] = [];
  for (const [step, gradient] of recorded.gradients.entries()) {
    const scalars = optimizer.scalarValues({ index: step + 1, learningRate: learning_rate });
    const outputs = await session.run({
      parameters,
      gradient_0: vector(gradient),
      ...state,
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, float32Tensor([], [value])]),
      ),
    });
    parameters = outputs["next_parameters"] as Tensor;
    state = Object.fromEntries(
      optimizer.state.map((name) => [`state_${name}`, outputs[`next_state_${name}`] as Tensor]),
    );
    curve.push(Array.from(parameters.data as Float32Array));
  }
  await session.release();
  return curve;
}

describe("optimizers against their reference implementations", () => {
  it.each(["adam", "lion", "adafactor"] as const)("%s takes the same steps", async (name) => {
    const curve = await run(recorded[name]);
    recorded[name].parameters.forEach((expected, step) => {
      const worst = Math.max(
        ...expected.map((value, index) => Math.abs(value - (curve[step]?.[index] ?? Number.NaN))),
      );
      expect(worst, `step ${step + 1}`).toBeLessThan(2e-6);
    });
  });
});
