import { type Optimizer, scaledBy } from "./optimizer.ts";

export interface SgdOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent as torch computes it, without dampening:
 *
 *     g ← g + wd·p        v ← μv + g  (v = g in the first step, since v starts at zero)
 *     p ← p − lr·v        or p − lr·(g + μv) with Nesterov
 *
 * @see torch.optim.SGD
 */
export function sgd({ momentum, weightDecay, nesterov = false }: SgdOptions): Optimizer {
  return {
    name: "sgd",
    state: momentum === 0 ? [] : ["velocity"],
    scalars: ["learning_rate", "momentum"],
    scalarValues: ({ learningRate, beta1 }) => ({ learning_rate: learningRate, momentum: beta1 ?? momentum }),
    update: (b, { parameters, gradient, state, scalars, rateFactors, decayFactors }) => {
      const decay = scaledBy(b, b.op("Mul", [parameters, b.scalar(weightDecay)]), decayFactors);
      const g = weightDecay === 0 ? gradient : b.op("Add", [gradient, decay]);
      const step = (direction: string) => {
        const scaled = scaledBy(b, b.op("Mul", [direction, scalars["learning_rate"] as string]), rateFactors);
        return b.op("Sub", [parameters, scaled]);
      };
      if (state["velocity"] === undefined) return { parameters: step(g), state: {} };
      const mu = scalars["momentum"] as string;
      const velocity = b.op("Add", [b.op("Mul", [state["velocity"], mu]), g]);
      const direction = nesterov ? b.op("Add", [g, b.op("Mul", [velocity, mu])]) : velocity;
      return { parameters: step(direction), state: { velocity } };
    },
  };
}
