/** The values that one key of a search may take, as numbers. A category is its index. */
export type Distribution =
  | {
      readonly kind: "float";
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      /** Distance of the values from `low`; null where every number between is one. */
      readonly step: number | null;
    }
  | {
      readonly kind: "int";
      readonly low: number;
      readonly high: number;
      readonly log: boolean;
      readonly step: number;
    }
  | { readonly kind: "categorical"; readonly size: number };

export type NumericDistribution = Exclude<Distribution, { kind: "categorical" }>;

/** How many values there are; Infinity for a stretch of numbers. */
export function valueCount(distribution: Distribution): number {
  if (distribution.kind === "categorical") return distribution.size;
  const { low, high, step } = distribution;
  if (step === null) return low === high ? 1 : Number.POSITIVE_INFINITY;
  return Math.floor((high - low) / step + 1e-9) + 1;
}

/** The line on which a number is searched, [from, to]: logarithmic where asked; values with steps own half a step at both sides. */
export function searchBounds({ low, high, log, step }: NumericDistribution): readonly [number, number] {
  const half = (step ?? 0) / 2;
  return log ? [Math.log(low - half), Math.log(high + half)] : [low - half, high + half];
}

export function toSearchLine({ log }: NumericDistribution, value: number): number {
  return log ? Math.log(value) : value;
}

/** A place on the search line as a value: back from the logarithm, on the nearest step, within the bounds. */
export function fromSearchLine(distribution: NumericDistribution, place: number): number {
  const { low, high, log, step } = distribution;
  const number = log ? Math.exp(place) : place;
  if (step === null) return Math.min(high, Math.max(low, number));
  const last = valueCount(distribution) - 1;
  const index = Math.min(last, Math.max(0, Math.round((number - low) / step)));
  return stepValue(low, step, index);
}

/** `low + index · step` without the noise of binary fractions: 0.3, not 0.30000000000000004. */
export function stepValue(low: number, step: number, index: number): number {
  return Number((low + index * step).toPrecision(15));
}

/** A number of [0, 1) as a value: every value, or every stretch of the search line, is equally likely. */
export function fromUnit(distribution: Distribution, unit: number): number {
  if (distribution.kind === "categorical") return Math.floor(unit * distribution.size);
  const { low, step, log } = distribution;
  if (step !== null && !log) return stepValue(low, step, Math.floor(unit * valueCount(distribution)));
  const [from, to] = searchBounds(distribution);
  return fromSearchLine(distribution, from + unit * (to - from));
}
