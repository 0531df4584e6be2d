/** What a model forecasts for some windows, all channels. */
export interface Forecast {
  /** Row-major [window, step, channel]. */
  readonly predictions: Float32Array;
  /** Row-major [window, level, step, channel], as graphs give them; null for a model of points. */
  readonly quantiles: Float32Array | null;
}

/** Arrays one after the other. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}
