import type { Optimizer } from "./optimizer.ts";

/** The average's place among the state vectors, and its decay's among the scalars. */
const AVERAGE = "average";
const DECAY = "average_decay";

/**
 * An optimizer that also keeps an exponential moving average of the parameters:
 *
 *     e ← dₜ·e + (1−dₜ)·p        dₜ = min(decay, (1 + t) / (10 + t))        average after t steps = e / (1 − d₁·…·dₜ)
 *
 * Its memory grows with training, up to 1/(1−decay) steps: before, it looks back over about the last ninth, so that it forgets
 * where training began and can be judged at any time. e starts at zero and the division takes that start out again: the
 * values before the first step have no share in the average.
 *
 * @param decay  in (0, 1)
 * @see Polyak & Juditsky 1992; TensorFlow's ExponentialMovingAverage with num_updates; Kingma & Ba 2015, §7.2
 */
export function withAverage(optimizer: Optimizer, decay: number): Optimizer {
  const decayAt = (step: number) => Math.min(decay, (1 + step) / (10 + step));
  return {
    ...optimizer,
    state: [...optimizer.state, AVERAGE],
    scalars: [...optimizer.scalars, DECAY],
    scalarValues: (step) => ({ ...optimizer.scalarValues(step), [DECAY]: decayAt(step.index) }),
    update: (b, inputs) => {
      const next = optimizer.update(b, inputs);
      const share = inputs.scalars[DECAY] as string;
      const kept = b.op("Mul", [inputs.state[AVERAGE] as string, share]);
      const added = b.op("Mul", [next.parameters, b.op("Sub", [b.scalar(1), share])]);
      return { ...next, state: { ...next.state, [AVERAGE]: b.op("Add", [kept, added]) } };
    },
    average: (state, steps) => {
      let start = 1;
      for (let step = 1; step <= steps && start > 0; step++) start *= decayAt(step);
      return steps === 0 ? undefined : state[AVERAGE]?.map((value) => value / (1 - start));
    },
  };
}
