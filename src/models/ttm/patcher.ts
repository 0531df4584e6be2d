import { int64Tensor } from "../../onnx/index.ts";
import type { Forward } from "./forward.ts";

/**
 * Cuts windows into patches, patch first: [batch, rows, channels] → [patches · series, patch length], where a series is
 * a (window, channel) pair, windows outermost.
 */
export function cutPatches(f: Forward, z: string): string {
  const { graph, architecture, options } = f;
  const { config, windowPatches, firstRow } = architecture;
  const { patch_length: length, patch_stride: stride, context_length: rows } = config;
  const { batch, channels } = options;
  const shape = [batch, windowPatches, length, channels];
  const patches =
    stride === length
      ? graph.reshape(f.slice(z, 1, firstRow, rows), shape)
      : graph.op("Gather", [z, graph.constant(rowsOfPatches(firstRow, windowPatches, length, stride))], {
          axis: 1,
        });
  const patchFirst = graph.transpose(patches, [1, 0, 3, 2]);
  return graph.reshape(patchFirst, [windowPatches * f.series, length]);
}

/** int64 [patches, length]: the row of each position of each patch. */
function rowsOfPatches(first: number, patches: number, length: number, stride: number) {
  const rows = Array.from(
    { length: patches * length },
    (_, index) => first + Math.floor(index / length) * stride + (index % length),
  );
  return { ...int64Tensor(rows), shape: [patches, length] };
}
