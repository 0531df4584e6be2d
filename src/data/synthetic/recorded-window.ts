import type { Random } from "../../core/index.ts";

/** One column of a file: values in order of time; NaN where missing. */
export type Recording = Float32Array;

/**
 * A window at a random place of a random recording that is long enough: longer recordings are not met more often.
 *
 * @param observed  cleared where a value is missing; without it a missing value is the one before it
 */
export function drawRecordedWindow(
  random: Random,
  recordings: readonly Recording[],
  length: number,
  observed: Uint8Array | undefined,
): Float64Array {
  const recording = recordings[random.integer(0, recordings.length - 1)] as Recording;
  const start = random.integer(0, recording.length - length);
  const window = Float64Array.from(recording.subarray(start, start + length));
  let last = window.find((value) => !Number.isNaN(value)) ?? 0;
  for (let t = 0; t < length; t++) {
    const value = window[t] as number;
    if (!Number.isNaN(value)) last = value;
    else {
      window[t] = last;
      if (observed) observed[t] = 0;
    }
  }
  return window;
}
