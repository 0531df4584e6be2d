import type { Optimizer } from "./optimizer.ts";

/** The average's place among the state vectors. */
const AVERAGE = "average";

/**
 * An optimizer that also keeps an exponential moving average of the parameters:
 *
 *     e ← d·e + (1−d)·p        average after t steps = e / (1 − dᵗ)
 *
 * e starts at zero and the division takes that start out again, as Adam does with its moments: the values before the first
 * step have no share in the average, however long its memory.
 *
 * @param decay  d in (0, 1): the average looks back over about 1/(1−d) steps
 * @see Polyak & Juditsky 1992; Kingma & Ba 2015, §7.2 (temporal averaging)
 */
export function withAverage(optimizer: Optimizer, decay: number): Optimizer {
  return {
    ...optimizer,
    state: [...optimizer.state, AVERAGE],
    update: (b, inputs) => {
      const next = optimizer.update(b, inputs);
      const kept = b.op("Mul", [inputs.state[AVERAGE] as string, b.scalar(decay)]);
      const added = b.op("Mul", [next.parameters, b.scalar(1 - decay)]);
      return { ...next, state: { ...next.state, [AVERAGE]: b.op("Add", [kept, added]) } };
    },
    average: (state, steps) => {
      const correction = 1 - decay ** steps;
      return steps === 0 ? undefined : state[AVERAGE]?.map((value) => value / correction);
    },
  };
}
