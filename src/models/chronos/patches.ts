import { int64Tensor } from "../../onnx/index.ts";
import type { Forward } from "./forward.ts";
import type { Standardised } from "./instance-norm.ts";

export interface Patches {
  /** [series · count, 2 · patch size]: the values, then their mask. */
  readonly rows: string;
  /** Per series. */
  readonly count: number;
  /** float32 [series, count]: 1 where any value of the patch was observed. */
  readonly observed: string;
}

/** Cuts series into patches, after padding them in front with missing values to whole patches. */
export function cutPatches(f: Forward, { z, mask }: Standardised): Patches {
  const { graph } = f;
  const { input_patch_size: size } = f.config.chronos_config;
  const values = cut(f, z);
  const flags = cut(f, mask);
  const count = graph.shape(flags)[1] ?? 0;
  const observed = graph.op("ReduceMax", [flags, graph.integers([2])], { keepdims: 0 });
  const joined = graph.op("Concat", [values, flags], { axis: 2 });
  return { rows: graph.reshape(joined, [f.series * count, 2 * size]), count, observed };
}

/** [series, rows] → [series, patches, size] */
function cut(f: Forward, x: string): string {
  const { graph, config, series } = f;
  const { input_patch_size: size, input_patch_stride: stride } = config.chronos_config;
  const rows = graph.shape(x)[1] ?? 0;
  const missing = (size - (rows % size)) % size;
  const padded = missing === 0 ? x : graph.op("Pad", [x, graph.integers([0, missing, 0, 0])]);
  const total = rows + missing;
  if (stride === size) return graph.reshape(padded, [series, total / size, size]);
  const count = Math.floor((total - size) / stride) + 1;
  const places = Array.from(
    { length: count * size },
    (_, index) => Math.floor(index / size) * stride + (index % size),
  );
  const indices = graph.constant({ ...int64Tensor(places), shape: [count, size] });
  return graph.op("Gather", [padded, indices], { axis: 1 });
}
