import type { TensorType } from "../graph.ts";
import { type InferContext, input, intAttribute, intsAttribute, type OpInfo, type } from "./op-info.ts";

/** A sliding window over the last axes, its defaults filled in and `auto_pad` worked out. One entry an axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Zeros before and after each axis. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

type WindowContext = Pick<InferContext, "attributes">;

/** The window of a Conv or pooling node over a plane of the given size. */
export function windowOf(c: WindowContext, plane: readonly number[], kernel: readonly number[]): Window {
  const ones = plane.map(() => 1);
  const strides = intsAttribute(c, "strides") ?? ones;
  const dilations = intsAttribute(c, "dilations") ?? ones;
  const mode = c.attributes["auto_pad"];
  const auto = mode?.type === "string" ? mode.value : "NOTSET";
  const pads = intsAttribute(c, "pads") ?? plane.flatMap(() => [0, 0]);
  if (!auto.startsWith("SAME")) {
    return {
      kernel,
      strides,
      dilations,
      before: pads.slice(0, plane.length),
      after: pads.slice(plane.length),
    };
  }
  const total = plane.map((size, axis) => {
    const stride = strides[axis] as number;
    const extent = (dilations[axis] as number) * ((kernel[axis] as number) - 1) + 1;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  });
  const small = total.map((pad) => Math.floor(pad / 2));
  const large = total.map((pad, axis) => pad - (small[axis] as number));
  const upper = auto === "SAME_UPPER";
  return { kernel, strides, dilations, before: upper ? small : large, after: upper ? large : small };
}

/** Places at which the window fits; rounded up, without a last one that would begin in the padding. */
function places(window: Window, plane: readonly number[], round: (value: number) => number): number[] {
  return plane.map((size, axis) => {
    const extent = (window.dilations[axis] as number) * ((window.kernel[axis] as number) - 1) + 1;
    const [before, stride] = [window.before[axis] as number, window.strides[axis] as number];
    const room = size + before + (window.after[axis] as number) - extent;
    const last = round(room / stride);
    return last * stride < size + before ? last + 1 : last;
  });
}

function inferConv(c: InferContext): readonly TensorType[] {
  const [x, w] = [input(c, 0), input(c, 1)];
  const plane = x.shape.slice(2);
  if (x.shape[1] !== (w.shape[1] as number) * intAttribute(c, "group", 1))
    c.fail("the channels do not fit the weight");
  const window = windowOf(c, plane, w.shape.slice(2));
  return [type(x.dtype, [x.shape[0] as number, w.shape[0] as number, ...places(window, plane, Math.floor)])];
}

function inferConvTranspose(c: InferContext): readonly TensorType[] {
  const [x, w] = [input(c, 0), input(c, 1)];
  const plane = x.shape.slice(2);
  if (c.attributes["output_shape"]) c.fail("output_shape is not supported; give pads and output_padding");
  const { strides, dilations, kernel, before, after } = windowOf(c, plane, w.shape.slice(2));
  const extra = intsAttribute(c, "output_padding") ?? plane.map(() => 0);
  const sizes = plane.map((size, axis) => {
    const extent = (dilations[axis] as number) * ((kernel[axis] as number) - 1) + 1;
    const pads = (before[axis] as number) + (after[axis] as number);
    return (strides[axis] as number) * (size - 1) + (extra[axis] as number) + extent - pads;
  });
  const channels = (w.shape[1] as number) * intAttribute(c, "group", 1);
  return [type(x.dtype, [x.shape[0] as number, channels, ...sizes])];
}

function inferPool(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const plane = x.shape.slice(2);
  const window = windowOf(c, plane, intsAttribute(c, "kernel_shape") ?? c.fail("kernel_shape is missing"));
  const round = intAttribute(c, "ceil_mode", 0) === 1 ? Math.ceil : Math.floor;
  const shape = [...x.shape.slice(0, 2), ...places(window, plane, round)];
  return [type(x.dtype, shape), type("int64", shape)].slice(0, c.outputCount);
}

function inferGlobalPool(c: InferContext): readonly TensorType[] {
  const { dtype, shape } = input(c, 0);
  return [
    type(
      dtype,
      shape.map((size, axis) => (axis < 2 ? size : 1)),
    ),
  ];
}

const windowAttributes = {
  auto_pad: "string",
  dilations: "ints",
  kernel_shape: "ints",
  pads: "ints",
  strides: "ints",
} as const;

export const convolutionOps = {
  AveragePool: {
    attributes: { ...windowAttributes, ceil_mode: "int", count_include_pad: "int" },
    infer: inferPool,
  },
  Conv: { attributes: { ...windowAttributes, group: "int" }, infer: inferConv },
  ConvTranspose: {
    attributes: { ...windowAttributes, group: "int", output_padding: "ints", output_shape: "ints" },
    infer: inferConvTranspose,
  },
  GlobalAveragePool: { infer: inferGlobalPool },
  GlobalMaxPool: { infer: inferGlobalPool },
  MaxPool: { attributes: { ...windowAttributes, ceil_mode: "int", storage_order: "int" }, infer: inferPool },
} as const satisfies Record<string, OpInfo>;
