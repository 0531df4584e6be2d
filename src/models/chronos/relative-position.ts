import { int64Tensor } from "../../onnx/index.ts";
import type { Forward } from "./forward.ts";

export interface BucketOptions {
  /** Both directions get buckets of their own; else only earlier keys do. */
  readonly bidirectional: boolean;
  readonly buckets: number;
  readonly maxDistance: number;
}

/**
 * T5's bucket of the offset `key position − query position`: exact for near keys, logarithmic up to `maxDistance`.
 * Rounded as float32 does it, step by step, since truncation follows.
 *
 * @see transformers, T5Attention._relative_position_bucket
 */
export function relativeBucket(
  offset: number,
  { bidirectional, buckets, maxDistance }: BucketOptions,
): number {
  const size = bidirectional ? Math.floor(buckets / 2) : buckets;
  const start = bidirectional && offset > 0 ? size : 0;
  const distance = bidirectional ? Math.abs(offset) : Math.max(-offset, 0);
  const exact = Math.floor(size / 2);
  if (distance < exact) return start + distance;
  const { fround, log } = Math;
  const share = fround(fround(log(fround(distance / exact))) / fround(log(maxDistance / exact)));
  return start + Math.min(size - 1, exact + Math.trunc(fround(share * (size - exact))));
}

/**
 * The bias of a stack's attention scores, [1, heads, length, length], looked up in the table of its first block, which
 * stays an initializer so that it can be trained.
 */
export function positionBias(f: Forward, stack: "encoder" | "decoder", length: number): string {
  const { graph, config } = f;
  const options: BucketOptions = {
    bidirectional: stack === "encoder",
    buckets: config.relative_attention_num_buckets,
    maxDistance: config.relative_attention_max_distance,
  };
  const buckets = Array.from({ length: length * length }, (_, index) =>
    relativeBucket((index % length) - Math.floor(index / length), options),
  );
  const indices = graph.constant({ ...int64Tensor(buckets), shape: [length, length] });
  const table = f.weight(`${stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`);
  const bias = graph.transpose(graph.op("Gather", [table, indices], { axis: 0 }), [2, 0, 1]);
  return graph.reshape(bias, [1, config.num_heads, length, length]);
}
