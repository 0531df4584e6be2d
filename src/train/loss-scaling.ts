import { type Graph, GraphBuilder, inlineGraph } from "../onnx/index.ts";

/** Name of the scalar that a float16 gradient graph multiplies its loss with. */
export const LOSS_SCALE = "loss_scale";

/** Dynamic loss scaling as torch's GradScaler has it, with its defaults. */
export interface LossScaling {
  readonly initialScale: number;
  readonly growthFactor: number;
  readonly backoffFactor: number;
  /** Steps in a row without an overflow after which the scale grows. */
  readonly growthInterval: number;
}

/** @see torch.amp.GradScaler */
export const torchLossScaling: LossScaling = {
  initialScale: 2 ** 16,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
};

/** A value that an update reads and writes: `state_<name>` and `next_state_<name>`. */
export interface StateSlot {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: number;
}

/** What scaling adds to the optimizer's state: scalars. */
export function scalingState({ initialScale }: LossScaling): readonly StateSlot[] {
  return [
    { name: LOSS_SCALE, shape: [], initial: initialScale },
    { name: "good_steps", shape: [], initial: 0 },
    { name: "skipped_steps", shape: [], initial: 0 },
  ];
}

/**
 * An update of gradients that come multiplied with the loss scale. Where one of them is not finite, the step is skipped:
 * parameters and state keep their bits, and the scale is halved; after enough good steps it doubles.
 *
 * @param update  as `buildUpdateGraph` makes it; the result has the inputs and outputs of `scalingState` besides
 */
export function addLossScaling(update: Graph, scaling: LossScaling): Graph {
  const b = new GraphBuilder(`${update.name}-scaled`);
  for (const { name, dtype, shape } of update.inputs) b.input(name, dtype, shape);
  const [scale, good, skipped] = scalingState(scaling).map(({ name }) =>
    b.input(`state_${name}`, "float32", []),
  ) as [string, string, string];
  const feeds = update.inputs.map(({ name }) => [
    name,
    name.startsWith("gradient_") ? b.op("Div", [name, scale]) : name,
  ]);
  const results = inlineGraph(b, update, Object.fromEntries(feeds), "update/");
  const norm = results["grad_norm"] as string;
  const finite = b.op("Not", [b.op("Or", [b.op("IsInf", [norm]), b.op("IsNaN", [norm])])]);
  for (const { name } of update.outputs) {
    const result = results[name] as string;
    const kept = name === "grad_norm" ? undefined : name.replace(/^next_/, "");
    b.output(kept === undefined ? result : b.op("Where", [finite, result, kept]), name);
  }
  for (const [name, value] of Object.entries(nextScale(b, { finite, scale, good, skipped }, scaling)))
    b.output(value, `next_state_${name}`);
  return b.build();
}

interface ScaleValues {
  readonly finite: string;
  readonly scale: string;
  readonly good: string;
  readonly skipped: string;
}

function nextScale(b: GraphBuilder, { finite, scale, good, skipped }: ScaleValues, scaling: LossScaling) {
  const counted = b.op("Add", [good, b.scalar(1)]);
  const isDue = b.op("GreaterOrEqual", [counted, b.scalar(scaling.growthInterval)]);
  const larger = b.op("Mul", [scale, b.scalar(scaling.growthFactor)]);
  const grows = b.op("And", [isDue, b.op("Not", [b.op("IsInf", [larger])])]);
  const smaller = b.op("Mul", [scale, b.scalar(scaling.backoffFactor)]);
  return {
    [LOSS_SCALE]: b.op("Where", [finite, b.op("Where", [grows, larger, scale]), smaller]),
    good_steps: b.op("Where", [finite, b.op("Where", [isDue, b.scalar(0), counted]), b.scalar(0)]),
    skipped_steps: b.op("Where", [finite, skipped, b.op("Add", [skipped, b.scalar(1)])]),
  };
}
