/** Settings of one step, as torch's parameter groups hold them; one entry per value where they differ. */
export interface ReferenceStep {
  readonly gradient: Float64Array;
  readonly learningRates: readonly number[];
  readonly decays: readonly number[];
  readonly beta1: number;
}

/** torch's single-tensor AdamW in float64, written value by value. */
export class ReferenceAdamW {
  readonly #beta2: number;
  readonly #eps: number;
  readonly #m: number[];
  readonly #v: number[];
  readonly parameters: number[];
  #step = 0;

  constructor(parameters: readonly number[], beta2: number, eps: number) {
    this.parameters = [...parameters];
    this.#m = parameters.map(() => 0);
    this.#v = parameters.map(() => 0);
    this.#beta2 = beta2;
    this.#eps = eps;
  }

  step({ gradient, learningRates, decays, beta1 }: ReferenceStep): void {
    this.#step++;
    this.parameters.forEach((parameter, i) => {
      const [g, rate] = [gradient[i] ?? 0, learningRates[i] ?? 0];
      const m = beta1 * (this.#m[i] ?? 0) + (1 - beta1) * g;
      const v = this.#beta2 * (this.#v[i] ?? 0) + (1 - this.#beta2) * g * g;
      this.#m[i] = m;
      this.#v[i] = v;
      const denominator = Math.sqrt(v) / Math.sqrt(1 - this.#beta2 ** this.#step) + this.#eps;
      const decayed = parameter * (1 - rate * (decays[i] ?? 0));
      this.parameters[i] = decayed - (rate / (1 - beta1 ** this.#step)) * (m / denominator);
    });
  }
}

/** torch's SGD without dampening, in float64. */
export class ReferenceSgd {
  readonly #nesterov: boolean;
  readonly #velocity: (number | undefined)[];
  readonly parameters: number[];

  constructor(parameters: readonly number[], nesterov: boolean) {
    this.parameters = [...parameters];
    this.#velocity = parameters.map(() => undefined);
    this.#nesterov = nesterov;
  }

  /** `beta1` is the momentum. */
  step({ gradient, learningRates, decays, beta1: momentum }: ReferenceStep): void {
    this.parameters.forEach((parameter, i) => {
      const g = (gradient[i] ?? 0) + (decays[i] ?? 0) * parameter;
      const before = this.#velocity[i];
      const velocity = before === undefined ? g : momentum * before + g;
      this.#velocity[i] = velocity;
      const direction = this.#nesterov ? g + momentum * velocity : velocity;
      this.parameters[i] = parameter - (learningRates[i] ?? 0) * direction;
    });
  }
}

/** torch's clip_grad_norm_. */
export function clipNorm(
  gradient: Float64Array,
  most: number | null,
): { gradient: Float64Array; norm: number } {
  const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const factor = most === null ? 1 : Math.min(1, most / (norm + 1e-6));
  return { gradient: gradient.map((value) => value * factor), norm };
}
