import { expect } from "vitest";
import { type Dataset, gatherWindows } from "../../src/data/index.ts";
import { elementCount, float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { createSession } from "../../src/runtime/index.ts";
import { PARAMETERS, type StepProduct } from "../../src/train/index.ts";

export type Feeds = Record<string, Tensor>;
export type Run = (feeds: Feeds) => Promise<Feeds>;

/** A batch as an exported step is fed it; filled up and masked where it is short. */
export function feedBatch(dataset: Dataset, starts: Int32Array, windows: number): Feeds {
  const { context, horizon, columns } = dataset;
  const sizes = { past: windows * context * columns.length, future: windows * horizon * columns.length };
  const past = new Float32Array(sizes.past);
  const [future, futureObserved] = [new Float32Array(sizes.future), new Float32Array(sizes.future)];
  gatherWindows(dataset, starts, { past, future, futureObserved });
  return {
    past_values: float32Tensor([windows, context, columns.length], past),
    future_values: float32Tensor([windows, horizon, columns.length], future),
    future_mask: float32Tensor([windows, horizon, columns.length], futureObserved),
  };
}

/** Runs the graph in this thread. */
export async function nativeRun({ graph }: StepProduct): Promise<Run> {
  const session = await createSession(graph);
  return (feeds) => session.run(feeds);
}

/** Trains as the manifest says, with whatever runs the graph; the loss of each step. */
export async function trainExported(
  { inputs }: StepProduct,
  parameters: Float32Array,
  data: readonly Feeds[],
  run: Run,
): Promise<number[]> {
  const states = inputs.filter((value) => value.role === "state");
  const state = Object.fromEntries(
    states.map(({ name, shape, initial }) => {
      const values = new Float32Array(elementCount(shape)).fill(initial ?? 0);
      return [name, float32Tensor(shape, name === PARAMETERS ? parameters : values)];
    }),
  );
  const losses: number[] = [];
  for (const batch of data) {
    const results = await run({ ...state, ...batch });
    for (const { name, next } of states) state[name] = results[next] as Tensor;
    losses.push(...Array.from(results["loss"]?.data ?? [], Number));
  }
  expect(state["state_step"]?.data[0]).toBe(losses.length);
  return losses;
}

export function expectNear(losses: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(losses.length).toBe(expected.length);
  for (const [step, loss] of expected.entries())
    expect(Math.abs((losses[step] ?? Number.NaN) - loss), `step ${step}`).toBeLessThan(tolerance * loss);
}
