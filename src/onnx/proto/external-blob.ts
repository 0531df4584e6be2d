import type { Tensor } from "../graph.ts";
import { bytesOf } from "../tensor-bytes.ts";

/** Tensors start at multiples of this: a cache line, and the widest vector load of the CPU kernels. */
const ALIGNMENT_BYTES = 64;

/** Lays tensors out one after the other in a file of external data. */
export class ExternalBlob {
  readonly #parts: { readonly offset: number; readonly tensor: Tensor }[] = [];
  #end = 0;

  /** Takes a tensor in; returns its offset in bytes. */
  add(tensor: Tensor): number {
    const offset = Math.ceil(this.#end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    this.#parts.push({ offset, tensor });
    this.#end = offset + tensor.data.byteLength;
    return offset;
  }

  /** The whole file, or undefined if nothing was added. */
  bytes(): Uint8Array | undefined {
    if (this.#parts.length === 0) return undefined;
    const bytes = new Uint8Array(this.#end);
    for (const { offset, tensor } of this.#parts) bytes.set(bytesOf(tensor), offset);
    return bytes;
  }
}
