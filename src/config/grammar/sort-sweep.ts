import type { ChoiceSweep, RangeSweep } from "./ast.ts";
import { addDecimals, rangeLength, rangeValue } from "./decimal-range.ts";
import { sortElements } from "./order.ts";

/** The sweep with its values in order. Tags and shuffle stay as they are. */
export function sortSweep(sweep: ChoiceSweep | RangeSweep, descending: boolean): ChoiceSweep | RangeSweep {
  if (sweep.kind === "choice") return { ...sweep, items: sortElements(sweep.items, descending) };
  const runsOtherWay = descending ? sweep.start < sweep.stop : sweep.start > sweep.stop;
  return runsOtherWay ? mirrored(sweep) : sweep;
}

/**
 * The same values from the last to the first. Hydra 1.3 starts at `stop` less one step, which is the last
 * value only where the step divides the distance; elsewhere 1.4 starts at the last value, and so do we.
 */
function mirrored(range: RangeSweep): RangeSweep {
  const outward = range.stop > range.start ? -1n : 1n;
  const size = range.step < 0 ? negate(range.step) : range.step;
  const guess = addDecimals(range.stop, size, outward);
  const last = lastValue(range) ?? guess;
  const isRight = last <= guess && last >= guess;
  if (!isRight && rangeLength(range) === 1n) return range;
  const stop = addDecimals(range.start, size, outward);
  return { ...range, start: isRight ? guess : last, stop, step: negate(range.step) };
}

function lastValue(range: RangeSweep): bigint | number | undefined {
  const length = rangeLength(range);
  return typeof length === "bigint" && length > 0n ? rangeValue(range, length - 1n) : undefined;
}

function negate(value: bigint | number): bigint | number {
  return typeof value === "bigint" ? -value : -value;
}
