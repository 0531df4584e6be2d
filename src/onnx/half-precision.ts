import type { Tensor } from "./graph.ts";

/** Element types of two bytes. */
export type HalfDType = "float16" | "bfloat16";

const word = new Float32Array(1);
const bits = new Uint32Array(word.buffer);

/** A float32 tensor in half precision, rounded to nearest, ties to even; too large values become infinite. */
export function halfTensor(tensor: Tensor, dtype: HalfDType): Tensor {
  const convert = dtype === "float16" ? halfBits : brainBits;
  return { dtype, shape: tensor.shape, data: Uint16Array.from(tensor.data as Float32Array, convert) };
}

/** bfloat16 is the upper half of a float32. */
function brainBits(value: number): number {
  word[0] = value;
  const all = bits[0] as number;
  if (Number.isNaN(value)) return (all >>> 16) | 0x40;
  return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
}

/** IEEE binary16: 5 bits of exponent, 10 of mantissa. */
function halfBits(value: number): number {
  word[0] = value;
  const all = bits[0] as number;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = Math.abs(word[0] as number);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  // below 2⁻¹⁴ numbers lie 2⁻²⁴ apart
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const rest = (all & 0x7fffffff) - ((127 - 15) << 23);
  return sign | ((rest + 0xfff + ((rest >>> 13) & 1)) >>> 13);
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const odd = down % 2 === 1;
  return value - down > 0.5 || (value - down === 0.5 && odd) ? down + 1 : down;
}
