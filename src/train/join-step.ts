import { type Graph, GraphBuilder, inlineGraph } from "../onnx/index.ts";
import { LOSS_SCALE } from "./loss-scaling.ts";
import { PARAMETERS } from "./parameters.ts";

/** The two graphs of a step; the update has one gradient input. */
export interface StepGraphs {
  readonly gradient: Graph;
  readonly update: Graph;
}

/**
 * A whole train step as one graph: what the gradient graph and the update graph compute one after the other.
 *
 * Inputs: `parameters` [N], `state_<name>`, the update's scalars, then the gradient graph's data and masks.
 * Outputs: `next_parameters`, `next_state_<name>`, then `loss` and `grad_norm`.
 */
export function joinStep({ gradient, update }: StepGraphs): Graph {
  const b = new GraphBuilder("train-step");
  for (const { name, dtype, shape } of update.inputs) if (name !== "gradient_0") b.input(name, dtype, shape);
  const wired: Readonly<Record<string, string>> = {
    [PARAMETERS]: PARAMETERS,
    [LOSS_SCALE]: `state_${LOSS_SCALE}`,
  };
  const feeds: Record<string, string> = {};
  for (const { name, dtype, shape } of gradient.inputs)
    feeds[name] = wired[name] ?? b.input(name, dtype, shape);
  const backward = inlineGraph(b, gradient, feeds, "gradient/");
  const kept = update.inputs.map(({ name }) => [name, name]);
  const flat = { gradient_0: backward["gradient"] as string };
  const next = inlineGraph(b, update, { ...Object.fromEntries(kept), ...flat }, "update/");
  for (const { name } of update.outputs) if (name !== "grad_norm") b.output(next[name] as string, name);
  b.output(backward["loss"] as string, "loss");
  b.output(next["grad_norm"] as string, "grad_norm");
  return b.build();
}
