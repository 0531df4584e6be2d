import type { Random } from "../../core/index.ts";

/**
 * A wave Σ a_k·cos(2πk·t/period + p_k) as an oscillator for each term, so that a step costs a few products.
 *
 * @param terms  frequency in cycles a step, amplitude and phase of each
 */
export function addWaves(into: Float64Array, terms: readonly Wave[]): void {
  for (const { frequency, amplitude, phase } of terms) {
    const [turnCos, turnSin] = [Math.cos(2 * Math.PI * frequency), Math.sin(2 * Math.PI * frequency)];
    let cos = amplitude * Math.cos(phase);
    let sin = amplitude * Math.sin(phase);
    for (let t = 0; t < into.length; t++) {
      (into[t] as number) += cos;
      const next = cos * turnCos - sin * turnSin;
      sin = sin * turnCos + cos * turnSin;
      cos = next;
    }
  }
}

export interface Wave {
  readonly frequency: number;
  readonly amplitude: number;
  readonly phase: number;
}

/**
 * A curve that changes from cycle to cycle: normal values, correlated by `phi` from one knot to the next, joined by
 * straight lines.
 *
 * @param every  steps between knots
 */
export function knottedCurve(
  random: Random,
  length: number,
  { every, phi, size }: { readonly every: number; readonly phi: number; readonly size: number },
): Float64Array {
  const curve = new Float64Array(length);
  const fresh = Math.sqrt(1 - phi * phi);
  let [from, to] = [random.normal(size), random.normal(size)];
  const offset = random.uniform(0, every);
  let knot = 0;
  for (let t = 0; t < length; t++) {
    const place = (t + offset) / every;
    if (Math.floor(place) > knot) {
      knot = Math.floor(place);
      from = to;
      to = phi * to + fresh * random.normal(size);
    }
    curve[t] = from + (to - from) * (place - knot);
  }
  return curve;
}
