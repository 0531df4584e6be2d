import type { Attribute, DType, Tensor, TensorType } from "./graph.ts";
import { broadcastShapes, elementCount } from "./shapes.ts";

/** What an op's row may look at to find the types of its outputs. */
export interface InferContext {
  readonly op: string;
  /** Types of the inputs; undefined for an absent optional one. */
  readonly inputs: readonly (TensorType | undefined)[];
  /** The value of an input where it is an initializer, as shapes and axes must be. */
  readonly constants: readonly (Tensor | undefined)[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputCount: number;
  /** Ends inference with an error that names the node and its inputs. */
  fail(what: string): never;
}

export type AttributeKind = Attribute["type"];

/** One row: which attributes the op takes and how its output types follow from its inputs. */
export interface OpInfo {
  readonly attributes?: Readonly<Record<string, AttributeKind>>;
  readonly infer: (context: InferContext) => readonly TensorType[];
}

const type = (dtype: DType, shape: readonly number[]): TensorType => ({ dtype, shape });

function input(c: InferContext, index: number): TensorType {
  return c.inputs[index] ?? c.fail(`input ${index} is missing`);
}

function integers(c: InferContext, index: number): number[] | undefined {
  if (!c.inputs[index]) return undefined;
  const value = c.constants[index] ?? c.fail(`input ${index} must be a constant: shapes here are static`);
  return Array.from(value.data, Number);
}

export function intAttribute(c: Pick<InferContext, "attributes">, name: string, otherwise: number): number {
  const value = c.attributes[name];
  return value?.type === "int" ? value.value : otherwise;
}

export function intsAttribute(
  c: Pick<InferContext, "attributes">,
  name: string,
): readonly number[] | undefined {
  const value = c.attributes[name];
  return value?.type === "ints" ? value.value : undefined;
}

/** An axis counted from the front; negative ones count from the back. */
function axisOf(c: InferContext, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return positive >= 0 && positive < Math.max(rank, 1)
    ? positive
    : c.fail(`axis ${axis} is out of range for rank ${rank}`);
}

// ----- makers: rows that repeat

const same = (): OpInfo => ({ infer: (c) => [input(c, 0)] });

function broadcast(result?: DType): OpInfo {
  return {
    infer: (c) => {
      const present = c.inputs.filter((value) => value !== undefined);
      const first = input(c, 0);
      const shape = present.reduce<readonly number[]>(
        (all, value) => broadcastShapes(all, value.shape) ?? c.fail("the shapes do not broadcast"),
        [],
      );
      if (present.some((value) => value.dtype !== first.dtype)) c.fail("the element types differ");
      return [type(result ?? first.dtype, shape)];
    },
  };
}

const reduce = (): OpInfo => ({
  attributes: { keepdims: "int", noop_with_empty_axes: "int" },
  infer: (c) => {
    const x = input(c, 0);
    const given = integers(c, 1);
    if (given?.length === 0 && intAttribute(c, "noop_with_empty_axes", 0) === 1) return [x];
    const axes = new Set(
      given && given.length > 0 ? given.map((axis) => axisOf(c, axis, x.shape.length)) : x.shape.keys(),
    );
    const keep = intAttribute(c, "keepdims", 1) === 1;
    const shape = x.shape.flatMap((size, axis) => (axes.has(axis) ? (keep ? [1] : []) : [size]));
    return [type(x.dtype, shape)];
  },
});

// ----- rows with index arithmetic of their own

function inferMatMul(c: InferContext): readonly TensorType[] {
  const [a, b] = [input(c, 0), input(c, 1)];
  if (a.shape.length === 0 || b.shape.length === 0) c.fail("a scalar has no matrix product");
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  if (left.at(-1) !== right.at(-2)) c.fail("the inner sizes differ");
  const batch =
    broadcastShapes(left.slice(0, -2), right.slice(0, -2)) ?? c.fail("the batch sizes do not broadcast");
  const rows = a.shape.length === 1 ? [] : [left.at(-2) as number];
  const columns = b.shape.length === 1 ? [] : [right.at(-1) as number];
  return [type(a.dtype, [...batch, ...rows, ...columns])];
}

function inferGemm(c: InferContext): readonly TensorType[] {
  const [a, b] = [input(c, 0), input(c, 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) c.fail("both factors must be matrices");
  const [m, k] = intAttribute(c, "transA", 0) ? [a.shape[1], a.shape[0]] : a.shape;
  const [l, n] = intAttribute(c, "transB", 0) ? [b.shape[1], b.shape[0]] : b.shape;
  if (k !== l) c.fail("the inner sizes differ");
  const shape = [m as number, n as number];
  const bias = c.inputs[2];
  if (bias && broadcastShapes(shape, bias.shape)?.join() !== shape.join())
    c.fail("C does not broadcast to the product");
  return [type(a.dtype, shape)];
}

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
  if (elementCount(shape) !== total) c.fail(`${total} elements do not fit the shape [${wanted.join(", ")}]`);
  return [type(x.dtype, shape)];
}

function inferTranspose(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const order = intsAttribute(c, "perm") ?? [...x.shape.keys()].reverse();
  if (order.length !== x.shape.length) c.fail("perm does not name every axis");
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
  const parts = normalizeSlice(x.shape, starts, ends, integers(c, 3), integers(c, 4));
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

function inferGather(c: InferContext): readonly TensorType[] {
  const [x, indices] = [input(c, 0), input(c, 1)];
  const axis = axisOf(c, intAttribute(c, "axis", 0), x.shape.length);
  return [type(x.dtype, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)])];
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

function inferLayerNormalization(c: InferContext): readonly TensorType[] {
  const x = input(c, 0);
  const axis = axisOf(c, intAttribute(c, "axis", -1), x.shape.length);
  const statistics = type(
    "float32",
    x.shape.map((size, i) => (i < axis ? size : 1)),
  );
  return [x, statistics, statistics].slice(0, c.outputCount);
}

const dtypeOfCode: Readonly<Record<number, DType>> = {
  1: "float32",
  2: "uint8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
  16: "bfloat16",
};

/** ONNX's number for an element type (TensorProto.DataType). */
export function dtypeCode(dtype: DType): number {
  return Number(Object.entries(dtypeOfCode).find(([, name]) => name === dtype)?.[0]);
}

/**
 * The ops that graphs here are made of. A row is what shape inference and the builder need to know;
 * gradients stand in `autodiff/rules`.
 *
 * @see onnx operator schemas, opset 20
 */
export const ops = {
  // element by element, one input
  Abs: same(),
  Ceil: same(),
  Cos: same(),
  Erf: same(),
  Exp: same(),
  Floor: same(),
  Identity: same(),
  Log: same(),
  Neg: same(),
  Not: same(),
  Reciprocal: same(),
  Relu: same(),
  Round: same(),
  Sigmoid: same(),
  Sign: same(),
  Sin: same(),
  Softplus: same(),
  Sqrt: same(),
  Tanh: same(),
  Gelu: { attributes: { approximate: "string" }, infer: (c) => [input(c, 0)] },
  Clip: { infer: (c) => [input(c, 0)] },
  Cast: {
    attributes: { to: "int" },
    infer: (c) => [
      type(dtypeOfCode[intAttribute(c, "to", 0)] ?? c.fail("unknown element type"), input(c, 0).shape),
    ],
  },
  IsNaN: { infer: (c) => [type("bool", input(c, 0).shape)] },
  Dropout: {
    attributes: { seed: "int" },
    infer: (c) => [input(c, 0), type("bool", input(c, 0).shape)].slice(0, c.outputCount),
  },

  // element by element, broadcast
  Add: broadcast(),
  Sub: broadcast(),
  Mul: broadcast(),
  Div: broadcast(),
  Pow: broadcast(),
  Max: broadcast(),
  Min: broadcast(),
  Sum: broadcast(),
  And: broadcast("bool"),
  Or: broadcast("bool"),
  Equal: broadcast("bool"),
  Less: broadcast("bool"),
  LessOrEqual: broadcast("bool"),
  Greater: broadcast("bool"),
  GreaterOrEqual: broadcast("bool"),
  Where: {
    infer: (c) => {
      const [condition, a, b] = [input(c, 0), input(c, 1), input(c, 2)];
      const shape = broadcastShapes(
        broadcastShapes(condition.shape, a.shape) ?? c.fail("the shapes do not broadcast"),
        b.shape,
      );
      return [type(a.dtype, shape ?? c.fail("the shapes do not broadcast"))];
    },
  },

  // products
  MatMul: { infer: inferMatMul },
  Gemm: { attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" }, infer: inferGemm },

  // reductions
  ReduceMax: reduce(),
  ReduceMean: reduce(),
  ReduceMin: reduce(),
  ReduceSum: reduce(),
  ReduceSumSquare: reduce(),

  // normalisations
  LayerNormalization: {
    attributes: { axis: "int", epsilon: "float", stash_type: "int" },
    infer: inferLayerNormalization,
  },
  Softmax: { attributes: { axis: "int" }, infer: (c) => [input(c, 0)] },
  LogSoftmax: { attributes: { axis: "int" }, infer: (c) => [input(c, 0)] },

  // layout
  Concat: { attributes: { axis: "int" }, infer: inferConcat },
  Expand: { infer: inferExpand },
  Flatten: { attributes: { axis: "int" }, infer: inferFlatten },
  Gather: { attributes: { axis: "int" }, infer: inferGather },
  Pad: { attributes: { mode: "string" }, infer: inferPad },
  Reshape: { attributes: { allowzero: "int" }, infer: inferReshape },
  Slice: { infer: inferSlice },
  Split: { attributes: { axis: "int", num_outputs: "int" }, infer: inferSplit },
  Squeeze: { infer: inferSqueeze },
  Tile: { infer: inferTile },
  Transpose: { attributes: { perm: "ints" }, infer: inferTranspose },
  Unsqueeze: { infer: inferUnsqueeze },
  ScatterND: { attributes: { reduction: "string" }, infer: (c) => [input(c, 0)] },
  ScatterElements: { attributes: { axis: "int", reduction: "string" }, infer: (c) => [input(c, 0)] },
} as const satisfies Record<string, OpInfo>;

export type OpType = keyof typeof ops;

type AttributeValue = {
  int: number;
  float: number;
  string: string;
  ints: readonly number[];
  floats: readonly number[];
  strings: readonly string[];
  tensor: Tensor;
};

/** The attributes an op takes, as plain values. */
export type AttributesOf<Op extends OpType> = (typeof ops)[Op] extends { readonly attributes: infer A }
  ? { readonly [K in keyof A]?: A[K] extends AttributeKind ? AttributeValue[A[K]] : never }
  : Record<never, never>;

export function isOpType(op: string): op is OpType {
  return Object.hasOwn(ops, op);
}
