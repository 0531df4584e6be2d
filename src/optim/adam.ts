import { adamW } from "./adamw.ts";
import { type Optimizer, scaledBy } from "./optimizer.ts";

export interface AdamOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

/**
 * Adam with the decay added to the gradient (g ← g + wd·p), as torch computes it; otherwise as AdamW without decay.
 *
 * @see Kingma & Ba 2015; torch.optim.Adam
 */
export function adam({ betas, eps, weightDecay }: AdamOptions): Optimizer {
  const plain = adamW({ betas, eps, weightDecay: 0 });
  return {
    ...plain,
    name: "adam",
    update: (b, inputs) => {
      if (weightDecay === 0) return plain.update(b, inputs);
      const decay = scaledBy(b, b.op("Mul", [inputs.parameters, b.scalar(weightDecay)]), inputs.decayFactors);
      return plain.update(b, { ...inputs, gradient: b.op("Add", [inputs.gradient, decay]) });
    },
  };
}
