/**
 * An exponential moving average of parameters:
 *
 *     a ← a + (1 − d)·(p − a)        d = min(decay, (1 + t) / (10 + t))
 *
 * Its memory grows with training, up to 1 / (1 − decay) steps: it looks back over about the last ninth, so that it forgets where
 * training began and can be judged at any time.
 *
 * @see Polyak & Juditsky 1992; TensorFlow's ExponentialMovingAverage with num_updates
 */
export class MovingAverage {
  readonly values: Float32Array;
  readonly #decay: number;

  constructor(values: Float32Array, decay: number) {
    this.values = Float32Array.from(values);
    this.#decay = decay;
  }

  /** Takes in the parameters after step `steps`, counted from 1. */
  add(parameters: Float32Array, steps: number): void {
    const share = 1 - Math.min(this.#decay, (1 + steps) / (10 + steps));
    const { values } = this;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as number;
      values[index] = value + share * ((parameters[index] as number) - value);
    }
  }
}
