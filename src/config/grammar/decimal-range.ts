/** A range's three numbers. Ints are bigints. */
export interface RangeNumbers {
  readonly start: bigint | number;
  readonly stop: bigint | number;
  readonly step: bigint | number;
}

/** digits · 10^-scale */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * How many values a range has: whole, `Infinity` for one that never ends, NaN where that is no question
 * (a step of 0, a NaN among the three).
 */
export function rangeLength(range: RangeNumbers): bigint | number {
  const { start, stop, step } = range;
  const numbers = [start, stop, step];
  if (numbers.some((number) => Number.isNaN(number)) || step === 0n || step === 0) return Number.NaN;
  const rising = step > 0;
  if (rising ? start >= stop : start <= stop) return 0n;
  if (numbers.every(isFiniteNumber)) return finiteLength(range);
  return isFiniteNumber(start) && !isFiniteNumber(step) ? 1n : Infinity;
}

/**
 * Value number `index`: start + index · step in the decimals that the numbers are written with, so
 * `range(0, 1, 0.1)` gives 0.7 and not 0.7000000000000001. An int where all three are ints, else a float.
 *
 * @see Hydra 1.4, `FloatRange`
 */
export function rangeValue(range: RangeNumbers, index: bigint): bigint | number {
  const { start, step } = range;
  const ints = [start, range.stop, step].every((number) => typeof number === "bigint");
  if (index === 0n) return ints ? start : Number(start);
  return addDecimals(start, step, index, ints);
}

/** a + times · b, exact in decimals. */
export function addDecimals(
  a: bigint | number,
  b: bigint | number,
  times: bigint,
  asInt = typeof a === "bigint" && typeof b === "bigint",
): bigint | number {
  if (!isFiniteNumber(a) || !isFiniteNumber(b)) return Number(a) + Number(times) * Number(b);
  const x = decimalOf(a);
  const y = decimalOf(b);
  const scale = Math.max(x.scale, y.scale);
  const digits = scaled(x, scale) + times * scaled(y, scale);
  return asInt ? digits : Number(`${digits}e-${scale}`);
}

function finiteLength({ start, stop, step }: RangeNumbers): bigint {
  const decimals = [start, stop, step].map(decimalOf);
  const scale = Math.max(...decimals.map((decimal) => decimal.scale));
  const [first = 0n, end = 0n, stride = 1n] = decimals.map((decimal) => scaled(decimal, scale));
  const distance = end - first;
  const size = stride < 0n ? -stride : stride;
  return ((distance < 0n ? -distance : distance) + size - 1n) / size;
}

function isFiniteNumber(value: bigint | number): boolean {
  return typeof value === "bigint" || Number.isFinite(value);
}

function scaled(decimal: Decimal, scale: number): bigint {
  return decimal.digits * 10n ** BigInt(scale - decimal.scale);
}

/** The decimal that the number is printed as, which is not always the binary number it is. */
function decimalOf(value: bigint | number): Decimal {
  if (typeof value === "bigint") return { digits: value, scale: 0 };
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const fraction = mantissa.split(".")[1] ?? "";
  const digits = BigInt(mantissa.replace(".", ""));
  const scale = fraction.length - Number(power);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}
