import { type Graph, GraphBuilder } from "../onnx/index.ts";
import { PARAMETERS } from "./parameters.ts";

/** Whether a step's input goes from one step to the next. */
export function isCarried(input: string): boolean {
  return input === PARAMETERS || input.startsWith("state_");
}

/**
 * Several train steps as one graph: a Scan whose body is the joined step. Parameters and state go from step to step; every
 * other input gets an axis in front, of the steps, and so do `loss` and `grad_norm` [count].
 */
export function scanSteps(step: Graph, count: number): Graph {
  const b = new GraphBuilder(`${step.name}-x${count}`);
  const carried = step.inputs.filter(({ name }) => isCarried(name));
  const scanned = step.inputs.filter(({ name }) => !isCarried(name));
  const states = carried.map(({ name, dtype, shape }) => b.input(name, dtype, shape));
  const slices = scanned.map(({ name, dtype, shape }) => b.input(name, dtype, [count, ...shape]));
  const results = b.ops(
    "Scan",
    [...states, ...slices],
    { body: { ...step, inputs: [...carried, ...scanned] }, num_scan_inputs: scanned.length },
    { outputs: step.outputs.length, name: "steps" },
  );
  for (const [index, { name }] of step.outputs.entries()) b.output(results[index] as string, name);
  return b.build();
}
