import type { GraphBuilder } from "../onnx/index.ts";
import { type Optimizer, scaledBy, type UpdateInputs } from "./optimizer.ts";

export interface AdamWOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

/**
 * AdamW with decoupled decay and bias correction, as torch computes it:
 *
 *     m ← β₁m + (1−β₁)g        v ← β₂v + (1−β₂)g²
 *     p ← p·(1 − lr·wd) − (lr / (1−β₁ᵗ)) · m / (√v / √(1−β₂ᵗ) + eps)
 *
 * The corrections are computed in double precision outside of the graph: 1 − 0.999ᵗ loses digits in float32.
 *
 * @see Loshchilov & Hutter 2019; torch.optim.AdamW
 */
export function adamW({ betas: [beta1, beta2], eps, weightDecay }: AdamWOptions): Optimizer {
  return {
    name: "adamw",
    state: ["m", "v"],
    scalars: ["beta1", "one_minus_beta1", "step_size", "root_correction", "decay"],
    scalarValues: ({ index, learningRate, beta1: cycled = beta1 }) => ({
      beta1: cycled,
      one_minus_beta1: 1 - cycled,
      step_size: learningRate / (1 - cycled ** index),
      root_correction: 1 / Math.sqrt(1 - beta2 ** index),
      decay: learningRate * weightDecay,
    }),
    update: (b, inputs) => {
      const { gradient, state, scalars, parameters, rateFactors } = inputs;
      const scalar = (name: string) => scalars[name] as string;
      const mul = (x: string, y: string) => b.op("Mul", [x, y]);
      const m = b.op("Add", [
        mul(state["m"] as string, scalar("beta1")),
        mul(gradient, scalar("one_minus_beta1")),
      ]);
      const squared = mul(mul(gradient, gradient), b.scalar(1 - beta2));
      const v = b.op("Add", [mul(state["v"] as string, b.scalar(beta2)), squared]);
      const root = mul(b.op("Sqrt", [v]), scalar("root_correction"));
      const direction = b.op("Div", [m, b.op("Add", [root, b.scalar(eps)])]);
      const step = scaledBy(b, mul(direction, scalar("step_size")), rateFactors);
      return { parameters: b.op("Sub", [decayed(b, inputs, parameters), step]), state: { m, v } };
    },
  };
}

/** p·(1 − lr·wd), each value with its own rate and decay factors. */
function decayed(b: GraphBuilder, inputs: UpdateInputs, parameters: string): string {
  const rate = scaledBy(b, inputs.scalars["decay"] as string, inputs.rateFactors);
  const kept = b.op("Sub", [b.scalar(1), scaledBy(b, rate, inputs.decayFactors)]);
  return b.op("Mul", [parameters, kept]);
}
