import type { TensorType } from "../graph.ts";
import { broadcastShapes, elementCount } from "../shapes.ts";
import {
  axisOf,
  type InferContext,
  input,
  intAttribute,
  integers,
  intsAttribute,
  type OpInfo,
  type,
} from "./op-info.ts";

function inferReshape(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const wanted = (integers(c, 1) ?? c.fail("the shape is missing")).map((size, axis) =>
    size === 0 && intAttribute(c, "allowzero", 0) === 0
      ? (x.shape[axis] ?? c.fail("0 copies an axis that is not there"))
      : size,
  );
  const known = elementCount(wanted.filter((size) => size !== -1));
  const total = elementCount(x.shape);
  const shape = wanted.map((size) => (size === -1 ? total / known : size));
  if (!shape.every(Number.isInteger) || elementCount(shape) !== total)
    c.fail(`${total} elements do not fit the shape [${wanted.join(", ")}]`);
  return [type(x.dtype, shape)];
}

function inferTranspose(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const order = intsAttribute(c, "perm") ?? [...x.shape.keys()].reverse();
  const rank = x.shape.length;
  if (order.length !== rank || new Set(order).size !== rank) c.fail("perm does not name every axis once");
  return [
    type(
      x.dtype,
      order.map((axis) => x.shape[axis] ?? c.fail("perm is no permutation")),
    ),
  ];
}

function inferConcat(c: InferContext): readonly TensorType[] {
  const first = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", 0), first.shape.length);
  const size = c.inputs.reduce((sum, _, index) => {
    const part = input(c, index);
    const fits =
      part.shape.length === first.shape.length &&
      part.shape.every((n, i) => i === axis || n === first.shape[i]);
    return fits
      ? sum + (part.shape[axis] as number)
      : c.fail(`input ${index} differs from input 0 off the axis`);
  }, 0);
  return [type(first.dtype, first.shape.with(axis, size))];
}

function inferSplit(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", 0), x.shape.length);
  const size = x.shape[axis] as number;
  const chunk = Math.ceil(size / c.outputCount);
  const sizes =
    integers(c, 1) ?? Array.from({ length: c.outputCount }, (_, i) => Math.min(chunk, size - i * chunk));
  if (sizes.reduce((a, b) => a + b, 0) !== size) c.fail(`the parts do not sum to ${size}`);
  return sizes.map((part) => type(x.dtype, x.shape.with(axis, part)));
}

/** Slice's parameters with starts and ends clipped into the axis, one entry per sliced axis. */
export function normalizeSlice(
  shape: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, i) => i),
  steps: readonly number[] = starts.map(() => 1),
): { axis: number; start: number; step: number; count: number }[] {
  return starts.map((from, i) => {
    const axis = ((axes[i] as number) + shape.length) % shape.length;
    const size = shape[axis] as number;
    const step = steps[i] as number;
    const clip = (value: number, low: number, high: number) =>
      Math.min(Math.max(value < 0 ? value + size : value, low), high);
    const start = step > 0 ? clip(from, 0, size) : clip(from, 0, size - 1);
    const end = step > 0 ? clip(ends[i] as number, 0, size) : clip(ends[i] as number, -1, size - 1);
    return { axis, start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
}

function inferSlice(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const starts = integers(c, 1) ?? c.fail("starts is missing");
  const ends = integers(c, 2) ?? c.fail("ends is missing");
  const axes = integers(c, 3)?.map((axis) => axisOf(c, axis, x.shape.length));
  const steps = integers(c, 4);
  if (steps?.includes(0)) c.fail("a step is 0");
  const parts = normalizeSlice(x.shape, starts, ends, axes, steps);
  return [
    type(
      x.dtype,
      parts.reduce<readonly number[]>((shape, { axis, count }) => shape.with(axis, count), x.shape),
    ),
  ];
}

function inferPad(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const rank = x.shape.length;
  const axes = (integers(c, 3) ?? [...x.shape.keys()]).map((axis) => axisOf(c, axis, rank));
  const pads = integers(c, 1) ?? c.fail("pads is missing");
  return [
    type(
      x.dtype,
      axes.reduce<readonly number[]>(
        (shape, axis, i) =>
          shape.with(axis, (shape[axis] as number) + (pads[i] as number) + (pads[i + axes.length] as number)),
        x.shape,
      ),
    ),
  ];
}

function inferExpand(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const wanted = integers(c, 1) ?? c.fail("the shape is missing");
  return [type(x.dtype, broadcastShapes(x.shape, wanted) ?? c.fail("the shape does not broadcast"))];
}

function inferTile(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const repeats = integers(c, 1) ?? c.fail("repeats is missing");
  return [
    type(
      x.dtype,
      x.shape.map((size, axis) => size * (repeats[axis] ?? c.fail("repeats names too few axes"))),
    ),
  ];
}

function inferSqueeze(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axes = integers(c, 1)?.map((axis) => axisOf(c, axis, x.shape.length));
  const kept = axes?.find((axis) => x.shape[axis] !== 1);
  if (kept !== undefined) c.fail(`axis ${kept} has the size ${x.shape[kept]}, not 1`);
  return [
    type(
      x.dtype,
      x.shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
    ),
  ];
}

function inferUnsqueeze(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axes = integers(c, 1) ?? c.fail("axes is missing");
  const rank = x.shape.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(c, axis, rank)));
  const rest = x.shape.values();
  return [
    type(
      x.dtype,
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.next().value as number))),
    ),
  ];
}

function inferFlatten(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axis = intAttribute(c, "axis", 1);
  const cut = axis < 0 ? axis + x.shape.length : axis;
  return [type(x.dtype, [elementCount(x.shape.slice(0, cut)), elementCount(x.shape.slice(cut))])];
}

/** DepthToSpace moves channels into the plane, SpaceToDepth the other way. */
function blocks(toSpace: boolean): (c: InferContext) => readonly TensorType[] {
  return (c) => {
    const { dtype, shape } = input(c, 0);
    const [n = 0, channels = 0, ...plane] = shape;
    const size = intAttribute(c, "blocksize", 1);
    const area = size * size;
    const moved = plane.map((side) => (toSpace ? side * size : side / size));
    return [type(dtype, [n, toSpace ? channels / area : channels * area, ...moved])];
  };
}

export const layoutOps = {
  Concat: { attributes: { axis: "int" }, infer: inferConcat },
  DepthToSpace: { attributes: { blocksize: "int", mode: "string" }, infer: blocks(true) },
  Expand: { infer: inferExpand },
  Flatten: { attributes: { axis: "int" }, infer: inferFlatten },
  Pad: { attributes: { mode: "string" }, infer: inferPad },
  Reshape: { attributes: { allowzero: "int" }, infer: inferReshape },
  Slice: { infer: inferSlice },
  SpaceToDepth: { attributes: { blocksize: "int" }, infer: blocks(false) },
  Split: { attributes: { axis: "int", num_outputs: "int" }, infer: inferSplit },
  Squeeze: { infer: inferSqueeze },
  Tile: { infer: inferTile },
  Transpose: { attributes: { perm: "ints" }, infer: inferTranspose },
  Trilu: { attributes: { upper: "int" }, infer: (c) => [input(c, 0)] },
  Unsqueeze: { infer: inferUnsqueeze },
} as const satisfies Record<string, OpInfo>;
