/** Deviation of a scaled context: Huber's loss, whose δ is 1, turns from a square into a line at two deviations. */
export const CONTEXT_DEVIATION = 0.5;

/** Added to a context's deviation before dividing, so that a flat context does not blow its future up. */
const FLOOR = 1e-3;

/** Values beyond so many deviations of the context are cut. */
const BOUND = 25;

/**
 * Scales a series in place to mean 0 and deviation {@link CONTEXT_DEVIATION} over the observed part of its context; missing
 * values become 0.
 */
export function normaliseWindow(
  values: Float32Array,
  observed: Uint8Array | undefined,
  context: number,
): void {
  const { mean, deviation } = contextMoments(values, observed, context);
  const scale = CONTEXT_DEVIATION / (deviation + FLOOR);
  const bound = CONTEXT_DEVIATION * BOUND;
  for (let t = 0; t < values.length; t++) {
    const scaled = ((values[t] as number) - mean) * scale;
    values[t] = observed?.[t] === 0 ? 0 : Math.min(bound, Math.max(-bound, scaled));
  }
}

/** Mean and population deviation of what is observed in the context. */
function contextMoments(values: Float32Array, observed: Uint8Array | undefined, context: number) {
  let [count, sum, squares] = [0, 0, 0];
  const shift = values[0] as number;
  for (let t = 0; t < context; t++) {
    if (observed?.[t] === 0) continue;
    const value = (values[t] as number) - shift;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, count);
  const variance = squares / Math.max(1, count) - mean * mean;
  return { mean: shift + mean, deviation: Math.sqrt(Math.max(0, variance)) };
}
