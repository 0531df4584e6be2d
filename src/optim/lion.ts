import { type Optimizer, scaledBy } from "./optimizer.ts";

export interface LionOptions {
  readonly betas: readonly [number, number];
  readonly weightDecay: number;
}

/**
 * Lion: the sign of an interpolated momentum, with decoupled decay. Its steps all have the same size, so it wants a rate
 * three to ten times smaller than AdamW's.
 *
 *     u = sign(β₁m + (1−β₁)g)        p ← p·(1 − lr·wd) − lr·u        m ← β₂m + (1−β₂)g
 *
 * @see Chen et al. 2023, algorithm 2
 */
export function lion({ betas: [beta1, beta2], weightDecay }: LionOptions): Optimizer {
  return {
    name: "lion",
    state: ["m"],
    scalars: ["beta1", "one_minus_beta1", "learning_rate", "decay"],
    scalarValues: ({ learningRate, beta1: cycled = beta1 }) => ({
      beta1: cycled,
      one_minus_beta1: 1 - cycled,
      learning_rate: learningRate,
      decay: learningRate * weightDecay,
    }),
    update: (b, { parameters, gradient, state, scalars, rateFactors, decayFactors }) => {
      const scalar = (name: string) => scalars[name] as string;
      const mul = (x: string, y: string) => b.op("Mul", [x, y]);
      const m = state["m"] as string;
      const mixed = b.op("Add", [mul(m, scalar("beta1")), mul(gradient, scalar("one_minus_beta1"))]);
      const step = scaledBy(b, mul(b.op("Sign", [mixed]), scalar("learning_rate")), rateFactors);
      const decay = scaledBy(b, scaledBy(b, scalar("decay"), rateFactors), decayFactors);
      const kept = mul(parameters, b.op("Sub", [b.scalar(1), decay]));
      const next = b.op("Add", [mul(m, b.scalar(beta2)), mul(gradient, b.scalar(1 - beta2))]);
      return { parameters: b.op("Sub", [kept, step]), state: { m: next } };
    },
  };
}
