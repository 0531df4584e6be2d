/** The middle value, or the mean of the two in the middle; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The values without a tenth at either end, as [smallest, largest] of the rest. */
export function innerRange(values: readonly number[]): readonly [p10: number, p90: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const tenth = Math.floor(sorted.length / 10);
  return [sorted[tenth] ?? Number.NaN, sorted.at(-1 - tenth) ?? Number.NaN];
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
