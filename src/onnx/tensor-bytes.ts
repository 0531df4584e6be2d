import { arrayTypeOf, type DType, type Tensor, type TensorData } from "./graph.ts";

/** The little-endian bytes of a tensor: a view, not a copy. (Node runs on little-endian machines only.) */
export function bytesOf(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

/** Bytes of one element. */
export function elementBytes(dtype: DType): number {
  return arrayTypeOf(dtype).BYTES_PER_ELEMENT;
}

/**
 * Bytes as the typed array of a dtype: a view where they lie aligned to the element size, else a copy.
 * `bytes.byteLength` must be a multiple of the element size.
 */
export function dataFromBytes(dtype: DType, bytes: Uint8Array): TensorData {
  const ArrayType = arrayTypeOf(dtype);
  const size = ArrayType.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = canBeViewed(bytes, size) ? bytes : Uint8Array.from(bytes);
  return new ArrayType(buffer, byteOffset, byteLength / size);
}

function canBeViewed(bytes: Uint8Array, elementSize: number): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.byteOffset % elementSize === 0;
}
