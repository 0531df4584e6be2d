import { float32Tensor, type Graph, GraphBuilder } from "../onnx/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** Added to the norm before dividing, as torch's clip_grad_norm_ does. */
const NORM_EPSILON = 1e-6;

export interface UpdateGraphOptions {
  /** Number of trained values. */
  readonly size: number;
  readonly optimizer: Optimizer;
  /** Number of gradient inputs that are summed: one for each worker. */
  readonly parts?: number;
  /** Largest global norm of the gradient; null leaves it as it is. */
  readonly clipNorm: number | null;
  /** Largest size of each value of the gradient, before the norm is clipped; null leaves them as they are. */
  readonly clipValue?: number | null;
  /** Learning-rate factor of each value, [size]. */
  readonly rateFactors?: Float32Array | undefined;
  /** Weight-decay factor of each value, [size]. */
  readonly decayFactors?: Float32Array | undefined;
}

/**
 * The update of one step on the flat parameter vector: some 25 nodes for AdamW with clipping, whatever the model.
 *
 * Inputs: `parameters` [N], `gradient_0` … [N], `state_<name>` [N] each, and the optimizer's scalars.
 * Outputs: `next_parameters` [N], `next_state_<name>` [N] each, `grad_norm` (global, before any clipping).
 *
 * @see torch.nn.utils.clip_grad_value_, clip_grad_norm_
 */
export function buildUpdateGraph(options: UpdateGraphOptions): Graph {
  const { size, optimizer, parts = 1, clipNorm, clipValue = null } = options;
  const b = new GraphBuilder(`update-${optimizer.name}`);
  const vector = (name: string) => b.input(name, "float32", [size]);
  const parameters = vector("parameters");
  const gradients = Array.from({ length: parts }, (_, part) => vector(`gradient_${part}`));
  const state = Object.fromEntries(optimizer.state.map((name) => [name, vector(`state_${name}`)]));
  const scalars = Object.fromEntries(optimizer.scalars.map((name) => [name, b.input(name, "float32", [])]));
  const factors = (values: Float32Array | undefined) => values && b.constant(float32Tensor([size], values));

  const gradient = gradients.length === 1 ? (gradients[0] as string) : b.op("Sum", gradients);
  const norm = normOf(b, gradient);
  const bounded = clipValue === null ? gradient : clippedValues(b, gradient, clipValue);
  const boundedNorm = clipValue === null || clipNorm === null ? norm : normOf(b, bounded);
  const next = optimizer.update(b, {
    parameters,
    gradient: clipNorm === null ? bounded : clipped(b, bounded, boundedNorm, clipNorm),
    state,
    scalars,
    rateFactors: factors(options.rateFactors),
    decayFactors: factors(options.decayFactors),
  });
  b.output(next.parameters, "next_parameters");
  for (const name of optimizer.state) b.output(next.state[name] as string, `next_state_${name}`);
  b.output(norm, "grad_norm");
  return b.build();
}

function normOf(b: GraphBuilder, gradient: string): string {
  return b.op("Sqrt", [b.op("ReduceSumSquare", [gradient], { keepdims: 0 })]);
}

function clippedValues(b: GraphBuilder, gradient: string, most: number): string {
  return b.op("Clip", [gradient, b.scalar(-most), b.scalar(most)]);
}

/** g·min(1, max / (norm + 1e-6)). */
function clipped(b: GraphBuilder, gradient: string, norm: string, clipNorm: number): string {
  const ratio = b.op("Div", [b.scalar(clipNorm), b.op("Add", [norm, b.scalar(NORM_EPSILON)])]);
  return b.op("Mul", [gradient, b.op("Min", [ratio, b.scalar(1)])]);
}
