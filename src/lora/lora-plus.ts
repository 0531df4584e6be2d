/** A trained tensor by its PEFT name, and the size of its stretch of the flat vector. */
export interface TrainedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
}

/**
 * LoRA+: B, and every one-dimensional trained value, learn `ratio` times as fast as A; biases do not decay.
 *
 * @param tensors  in the order of the flat vector
 * @returns a factor for each value of the flat vector, for the learning rate and for the weight decay
 * @see Hayou et al. 2024; peft `optimizers/loraplus.py`
 */
export function loraPlusFactors(
  tensors: readonly TrainedTensor[],
  ratio: number,
): { readonly rateFactors: Float32Array; readonly decayFactors: Float32Array } {
  const size = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
  const rateFactors = new Float32Array(size);
  const decayFactors = new Float32Array(size);
  let offset = 0;
  for (const { name, shape, size: length } of tensors) {
    const fast = /\blora_(embedding_)?B\b/.test(name) || shape.length === 1;
    rateFactors.fill(fast ? ratio : 1, offset, offset + length);
    decayFactors.fill(fast && name.includes("bias") ? 0 : 1, offset, offset + length);
    offset += length;
  }
  return { rateFactors, decayFactors };
}
