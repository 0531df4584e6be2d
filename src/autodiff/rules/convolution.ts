import { elementCount, intAttribute, intsAttribute, type Window, windowOf } from "../../onnx/index.ts";
import { type Rule, type RuleContext, refuse, when } from "../rule.ts";

const shapeOf = (c: RuleContext, index: number) => c.b.shape(c.x[index] as string);

/** Window attributes as ONNX writes them, defaults left out by nobody. */
function windowAttributes(window: Window) {
  const { kernel, strides, dilations, before, after } = window;
  return { kernel_shape: kernel, strides, dilations, pads: [...before, ...after] };
}

/** Swaps the first two axes. */
function swap(c: RuleContext, value: string): string {
  const rank = c.b.shape(value).length;
  return c.b.transpose(value, [1, 0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)]);
}

/** Zeros (as negative padding, cut) at the end of each plane axis, so that a plane gets the wanted size. */
function fitPlane(c: RuleContext, value: string, plane: readonly number[]): string {
  const rank = plane.length + 2;
  const missing = plane.map((size, axis) => size - (c.b.shape(value)[axis + 2] as number));
  const axes = plane.map((_, axis) => axis + 2);
  const cut = missing.some((size) => size < 0)
    ? c.b.op("Slice", [value, c.b.integers(axes.map(() => 0)), c.b.integers(plane), c.b.integers(axes)])
    : value;
  if (!missing.some((size) => size > 0)) return cut;
  const pads = Array<number>(2 * rank).fill(0);
  missing.forEach((size, axis) => {
    pads[rank + axis + 2] = Math.max(0, size);
  });
  return c.b.op("Pad", [cut, c.b.integers(pads)]);
}

/**
 * The gradient of a convolution's weight is itself a convolution: over the batch, with the cotangent as the kernel and
 * strides and dilations exchanged. Groups ride along as groups.
 *
 *     dW[m, c, k] = Σₙₜ x[n, c, t·stride + k·dilation − pad] · g[n, m, t]
 *
 * @param signal  [N, G·A, …], slid over
 * @param kernel  [N, G·B, …], the other factor
 * @returns [G·B, A, kernel…]
 */
function weightGradient(
  c: RuleContext,
  signal: string,
  kernel: string,
  group: number,
  window: Window,
): string {
  const { b } = c;
  const [n = 0, channels = 0, ...plane] = b.shape(signal);
  const perGroup = channels / group;
  const split = b.reshape(signal, [n, group, perGroup, ...plane]);
  const axes = plane.map((_, axis) => axis + 3);
  const moved = b.reshape(b.transpose(split, [2, 1, 0, ...axes]), [perGroup, group * n, ...plane]);
  const result = b.op("Conv", [moved, swap(c, kernel)], {
    group,
    kernel_shape: b.shape(kernel).slice(2),
    strides: window.dilations,
    dilations: window.strides,
    pads: [...window.before, ...window.after],
  });
  return swap(c, fitPlane(c, result, window.kernel));
}

/** Sum over the batch and the plane. */
function biasGradient(c: RuleContext): string {
  const rank = c.b.shape(c.g).length;
  const axes = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)];
  return c.b.op("ReduceSum", [c.g, c.b.integers(axes)], { keepdims: 0 });
}

/** What a transposed convolution must add at the end so that it gives back a plane of this size. */
function outputPadding(plane: readonly number[], places: readonly number[], window: Window): number[] {
  return plane.map((size, axis) => {
    const extent = (window.dilations[axis] as number) * ((window.kernel[axis] as number) - 1) + 1;
    const pads = (window.before[axis] as number) + (window.after[axis] as number);
    return size - ((window.strides[axis] as number) * ((places[axis] as number) - 1) + extent - pads);
  });
}

const conv: Rule = (c) => {
  const { b, g, node } = c;
  const [x, w] = c.x as [string, string];
  const plane = b.shape(x).slice(2);
  const window = windowOf(node, plane, b.shape(w).slice(2));
  const group = intAttribute(node, "group", 1);
  return [
    when(c, 0, () => {
      const padding = outputPadding(plane, b.shape(g).slice(2), window);
      return b.op("ConvTranspose", [g, w], { group, ...windowAttributes(window), output_padding: padding });
    }),
    when(c, 1, () => weightGradient(c, x, g, group, window)),
    when(c, 2, () => biasGradient(c)),
  ];
};

const convTranspose: Rule = (c) => {
  const { b, g, node } = c;
  const [x, w] = c.x as [string, string];
  const window = windowOf(node, b.shape(x).slice(2), b.shape(w).slice(2));
  const group = intAttribute(node, "group", 1);
  return [
    when(c, 0, () =>
      fitPlane(c, b.op("Conv", [g, w], { group, ...windowAttributes(window) }), b.shape(x).slice(2)),
    ),
    when(c, 1, () => weightGradient(c, g, x, group, window)),
    when(c, 2, () => biasGradient(c)),
  ];
};

/** The cotangent goes to the elements that won; the places are the node's own second output. */
const maxPool: Rule = (c) => {
  const { b, g, node } = c;
  const places = node.outputs[1];
  if (!places)
    return refuse(c, "its indices are not an output", "differentiate through grad(), which adds them");
  if (intAttribute(node, "storage_order", 0) !== 0)
    return refuse(c, "column-major indices have no rule", "leave storage_order out");
  const shape = shapeOf(c, 0);
  const count = elementCount(b.shape(g));
  const zeros = b.op("Expand", [b.scalarLike(g, 0), b.integers([elementCount(shape)])]);
  const flat = b.op("ScatterElements", [zeros, b.reshape(places, [count]), b.reshape(g, [count])], {
    axis: 0,
    reduction: "add",
  });
  return [b.reshape(flat, shape)];
};

/** How many elements an average at each place is over: all of the window, or those inside of the plane. */
function windowCounts(
  plane: readonly number[],
  places: readonly number[],
  window: Window,
  withPadding: boolean,
): number[] {
  const perAxis = plane.map((size, axis) =>
    Array.from({ length: places[axis] as number }, (_, place) => {
      const start = place * (window.strides[axis] as number) - (window.before[axis] as number);
      const end = size + (withPadding ? (window.after[axis] as number) : 0);
      const first = withPadding ? -(window.before[axis] as number) : 0;
      const taps = Array.from(
        { length: window.kernel[axis] as number },
        (_, k) => start + k * (window.dilations[axis] as number),
      );
      return taps.filter((at) => at >= first && at < end).length;
    }),
  );
  return perAxis.reduce<number[]>(
    (all, counts) => all.flatMap((left) => counts.map((right) => left * right)),
    [1],
  );
}

/** Each element takes back its share of every average it was in: a transposed convolution with a kernel of ones. */
const averagePool: Rule = (c) => {
  const { b, g, node } = c;
  const [n = 0, channels = 0, ...plane] = shapeOf(c, 0);
  const window = windowOf(node, plane, intsAttribute(node, "kernel_shape") ?? []);
  const places = b.shape(g).slice(2);
  const counts = windowCounts(plane, places, window, intAttribute(node, "count_include_pad", 0) === 1);
  const shares = counts.map((count) => 1 / count);
  const share = b.constant({ ...floatLike(c, shares), shape: [1, 1, ...places] });
  const ones = b.constant({
    ...floatLike(c, Array<number>(elementCount(window.kernel)).fill(1)),
    shape: [1, 1, ...window.kernel],
  });
  const apart = b.reshape(b.op("Mul", [g, share]), [n * channels, 1, ...places]);
  const full = b.op("ConvTranspose", [apart, ones], windowAttributes({ ...window, ...noPads(plane) }));
  const inner = cropPads(c, full, window, plane);
  return [b.reshape(inner, [n, channels, ...plane])];
};

const noPads = (plane: readonly number[]) => ({ before: plane.map(() => 0), after: plane.map(() => 0) });

/** Cuts the padding off a plane that includes it, and adds what no window reached. */
function cropPads(c: RuleContext, value: string, window: Window, plane: readonly number[]): string {
  const padded = plane.map((size, axis) => size + (window.before[axis] as number));
  const axes = plane.map((_, axis) => axis + 2);
  const fitted = fitPlane(c, value, padded);
  return c.b.op("Slice", [fitted, c.b.integers(window.before), c.b.integers(padded), c.b.integers(axes)]);
}

function floatLike(c: RuleContext, values: readonly number[]) {
  return c.b.type(c.g).dtype === "float64"
    ? { dtype: "float64" as const, data: Float64Array.from(values) }
    : { dtype: "float32" as const, data: Float32Array.from(values) };
}

const globalAveragePool: Rule = (c) => {
  const shape = shapeOf(c, 0);
  const share = c.b.op("Mul", [c.g, c.b.scalarLike(c.g, 1 / elementCount(shape.slice(2)))]);
  return [c.b.op("Expand", [share, c.b.integers(shape)])];
};

/** Every element that attains the maximum takes an equal share, as ReduceMax. */
const globalMaxPool: Rule = (c) => {
  const { b } = c;
  const x = c.x[0] as string;
  const axes = b.integers(
    shapeOf(c, 0)
      .slice(2)
      .map((_, axis) => axis + 2),
  );
  const attains = b.cast(b.op("Equal", [x, c.y]), b.type(c.g).dtype);
  const count = b.op("ReduceSum", [attains, axes], { keepdims: 1 });
  return [b.op("Mul", [attains, b.op("Div", [c.g, count])])];
};

export const convolutionRules = {
  AveragePool: averagePool,
  Conv: conv,
  ConvTranspose: convTranspose,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  MaxPool: maxPool,
} satisfies Record<string, Rule>;
