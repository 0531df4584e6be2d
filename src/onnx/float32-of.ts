import { float32Tensor, type Tensor } from "./graph.ts";

/** A float tensor of any width as float32; tensors of other types stay as they are. */
export function float32Of(tensor: Tensor): Tensor {
  if (tensor.dtype === "float32" || !tensor.dtype.includes("float")) return tensor;
  const data = new Float32Array(tensor.data.length);
  for (let i = 0; i < data.length; i++) data[i] = decode(tensor.dtype, Number(tensor.data[i]));
  return float32Tensor(tensor.shape, data);
}

function decode(dtype: Tensor["dtype"], bits: number): number {
  if (dtype === "float16") return halfToNumber(bits);
  return dtype === "bfloat16" ? brainToNumber(bits) : bits;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

const view = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function brainToNumber(bits: number): number {
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}
