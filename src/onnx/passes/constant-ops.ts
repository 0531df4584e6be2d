import { arrayTypeOf, type DType, type Node, type Tensor, type TensorType } from "../graph.ts";
import { normalizeSlice } from "../ops/layout.ts";
import { dtypeOfCode, intAttribute, intsAttribute } from "../ops/op-info.ts";
import { broadcastShapes, elementCount } from "../shapes.ts";

/** Computes an op on constants. `types` are those of all inputs, also of the ones whose values are unknown. */
export type ConstantOp = (
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  types: readonly (TensorType | undefined)[],
) => Tensor | undefined;

type Value = number | bigint;

function tensorOf(dtype: DType, shape: readonly number[], values: readonly Value[]): Tensor {
  if (dtype === "int64") return { dtype, shape, data: BigInt64Array.from(values, BigInt) };
  if (dtype === "float16" || dtype === "bfloat16") throw new RangeError("half precision is not folded");
  const data = arrayTypeOf(dtype).from(values.map(Number)) as Tensor["data"];
  return { dtype, shape, data };
}

const valuesOf = (tensor: Tensor): Value[] => [...tensor.data];
const numbersOf = (tensor: Tensor | undefined): number[] =>
  tensor ? Array.from(tensor.data as ArrayLike<Value>, Number) : [];
const present = (tensor: Tensor | undefined): Tensor => tensor as Tensor;

/** Steps between neighbours along each axis; 0 along axes that are broadcast. */
function stridesFor(shape: readonly number[], target: readonly number[]): number[] {
  const missing = target.length - shape.length;
  let stride = 1;
  const strides = Array<number>(target.length).fill(0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    strides[axis + missing] = size === 1 ? 0 : stride;
    stride *= size;
  }
  return strides;
}

/** The element of a source for each place of a target shape, by the strides and an offset. */
function walk(target: readonly number[], strides: readonly number[], offset = 0): number[] {
  let places = [offset];
  target.forEach((size, axis) => {
    const step = strides[axis] as number;
    places = places.flatMap((place) => Array.from({ length: size }, (_, index) => place + index * step));
  });
  return places;
}

function spread(tensor: Tensor, target: readonly number[]): Value[] {
  const values = valuesOf(tensor);
  return walk(target, stridesFor(tensor.shape, target)).map((place) => values[place] as Value);
}

/** Element by element over broadcast operands. Integers are computed as bigints, so that none loses digits. */
function elementwise(compute: (...operands: never[]) => Value | boolean, result?: DType): ConstantOp {
  return (_, inputs) => {
    const operands = inputs.filter((input) => input !== undefined);
    const shape = operands.reduce<number[]>((all, { shape }) => broadcastShapes(all, shape) ?? all, []);
    const spreads = operands.map((operand) => spread(operand, shape));
    const values = Array.from({ length: elementCount(shape) }, (_unused, index) => {
      const value = compute(...(spreads.map((values) => values[index]) as never[]));
      return typeof value === "boolean" ? Number(value) : value;
    });
    return tensorOf(result ?? present(operands.at(-1)).dtype, shape, values);
  };
}

const arithmetic = (integer: (a: bigint, b: bigint) => bigint, float: (a: number, b: number) => number) =>
  elementwise((a: Value, b: Value) => {
    return typeof a === "bigint" && typeof b === "bigint" ? integer(a, b) : float(Number(a), Number(b));
  });

/** The remainder has the divisor's sign, or for `fmod` the dividend's. */
const modulo = (truncated: boolean) =>
  arithmetic(
    (a, b) => (truncated ? a % b : ((a % b) + b) % b),
    (a, b) => (truncated ? a % b : ((a % b) + b) % b),
  );

const comparison = (compare: (a: number, b: number) => boolean) =>
  elementwise((a: Value, b: Value) => compare(Number(a), Number(b)), "bool");

const shaped = (
  shapeOf: (node: Node, inputs: readonly (Tensor | undefined)[]) => readonly number[],
): ConstantOp => {
  return (node, inputs) => ({ ...present(inputs[0]), shape: shapeOf(node, inputs) });
};

const gather: ConstantOp = (node, inputs) => {
  const [x, indices] = [present(inputs[0]), present(inputs[1])];
  const axis = (intAttribute(node, "axis", 0) + x.shape.length) % x.shape.length;
  const size = x.shape[axis] as number;
  const inner = elementCount(x.shape.slice(axis + 1));
  const values = valuesOf(x);
  const picked: Value[] = [];
  for (let outer = 0; outer < elementCount(x.shape.slice(0, axis)); outer++) {
    for (const index of numbersOf(indices)) {
      const from = (outer * size + (index < 0 ? index + size : index)) * inner;
      picked.push(...values.slice(from, from + inner));
    }
  }
  return tensorOf(x.dtype, [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], picked);
};

const slice: ConstantOp = (_, inputs) => {
  const x = present(inputs[0]);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((index) => inputs[index] && numbersOf(inputs[index]));
  const parts = normalizeSlice(x.shape, starts ?? [], ends ?? [], axes, steps);
  const strides = stridesFor(x.shape, x.shape).map((stride, axis) => (x.shape[axis] === 1 ? 1 : stride));
  let [offset, shape] = [0, x.shape];
  for (const { axis, start, step, count } of parts) {
    offset += start * (strides[axis] as number);
    strides[axis] = (strides[axis] as number) * step;
    shape = shape.with(axis, count);
  }
  const values = valuesOf(x);
  return tensorOf(
    x.dtype,
    shape,
    walk(shape, strides, offset).map((place) => values[place] as Value),
  );
};

const concat: ConstantOp = (node, inputs) => {
  const parts = inputs.map(present);
  const first = present(parts[0]);
  const axis = (intAttribute(node, "axis", 0) + first.shape.length) % first.shape.length;
  const outer = elementCount(first.shape.slice(0, axis));
  const lists = parts.map(valuesOf);
  const values: Value[] = [];
  for (let row = 0; row < outer; row++) {
    for (const list of lists)
      values.push(...list.slice((row * list.length) / outer, ((row + 1) * list.length) / outer));
  }
  const size = parts.reduce((sum, { shape }) => sum + (shape[axis] as number), 0);
  return tensorOf(first.dtype, first.shape.with(axis, size), values);
};

const transpose: ConstantOp = (node, inputs) => {
  const x = present(inputs[0]);
  const perm = intsAttribute(node, "perm") ?? [...x.shape.keys()].reverse();
  const strides = stridesFor(x.shape, x.shape);
  const shape = perm.map((axis) => x.shape[axis] as number);
  const values = valuesOf(x);
  return tensorOf(
    x.dtype,
    shape,
    walk(
      shape,
      perm.map((axis) => strides[axis] as number),
    ).map((place) => values[place] as Value),
  );
};

const expand: ConstantOp = (_, inputs) => {
  const x = present(inputs[0]);
  const shape = broadcastShapes(x.shape, numbersOf(inputs[1])) ?? x.shape;
  return tensorOf(x.dtype, shape, spread(x, shape));
};

const constantOfShape: ConstantOp = (node, inputs) => {
  const value = node.attributes["value"];
  const fill: Tensor =
    value?.type === "tensor" ? value.value : { dtype: "float32", shape: [1], data: Float32Array.of(0) };
  const shape = numbersOf(inputs[0]);
  return tensorOf(fill.dtype, shape, Array<Value>(elementCount(shape)).fill(valuesOf(fill)[0] as Value));
};

const range: ConstantOp = (_, inputs) => {
  const [start, limit, delta] = inputs.map((input) => numbersOf(input)[0] as number) as [
    number,
    number,
    number,
  ];
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  return tensorOf(
    present(inputs[0]).dtype,
    [count],
    Array.from({ length: count }, (_unused, index) => start + index * delta),
  );
};

const shapeOp: ConstantOp = (node, _, types) => {
  const all = types[0]?.shape ?? [];
  const sizes = all.slice(intAttribute(node, "start", 0), intAttribute(node, "end", all.length));
  return tensorOf("int64", [sizes.length], sizes);
};

const trilu: ConstantOp = (node, inputs) => {
  const x = present(inputs[0]);
  const [rows = 0, columns = 0] = x.shape.slice(-2);
  const k = numbersOf(inputs[1])[0] ?? 0;
  const upper = intAttribute(node, "upper", 1) === 1;
  const zero = x.dtype === "int64" ? 0n : 0;
  const values = valuesOf(x).map((value, index) => {
    const distance = (index % columns) - (Math.floor(index / columns) % rows);
    return (upper ? distance >= k : distance <= k) ? value : zero;
  });
  return tensorOf(x.dtype, x.shape, values);
};

const cast = (
  dtypeOf: (node: Node, inputs: readonly (Tensor | undefined)[]) => DType | undefined,
): ConstantOp => {
  return (node, inputs) => {
    const dtype = dtypeOf(node, inputs);
    const x = present(inputs[0]);
    if (!dtype || dtype === "float16" || dtype === "bfloat16") return undefined;
    const values = valuesOf(x).map((value) => {
      if (dtype === "bool") return Number(value) === 0 ? 0 : 1;
      return typeof value === "bigint" || dtype.startsWith("float") ? value : Math.trunc(value);
    });
    return tensorOf(dtype, x.shape, values);
  };
};

/** The ops that are computed before a graph runs: those that shapes, axes and masks are made of. */
export const constantOps: Readonly<Record<string, ConstantOp>> = {
  Add: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  And: elementwise((a: Value, b: Value) => Number(a) !== 0 && Number(b) !== 0, "bool"),
  Cast: cast((node) => dtypeOfCode[intAttribute(node, "to", 0)]),
  CastLike: cast((_, inputs) => inputs[1]?.dtype),
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Div: arithmetic(
    (a, b) => a / b,
    (a, b) => a / b,
  ),
  Equal: comparison((a, b) => a === b),
  Expand: expand,
  Gather: gather,
  Greater: comparison((a, b) => a > b),
  GreaterOrEqual: comparison((a, b) => a >= b),
  Identity: (_, inputs) => inputs[0],
  Less: comparison((a, b) => a < b),
  LessOrEqual: comparison((a, b) => a <= b),
  Max: arithmetic((a, b) => (a > b ? a : b), Math.max),
  Min: arithmetic((a, b) => (a < b ? a : b), Math.min),
  Mul: arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  Mod: (node, inputs, types) => modulo(intAttribute(node, "fmod", 0) === 1)(node, inputs, types),
  Neg: elementwise((a: Value) => -a),
  Not: elementwise((a: Value) => Number(a) === 0, "bool"),
  Or: elementwise((a: Value, b: Value) => Number(a) !== 0 || Number(b) !== 0, "bool"),
  Range: range,
  Shape: shapeOp,
  Size: (_, __, types) => tensorOf("int64", [], [elementCount(types[0]?.shape ?? [])]),
  Slice: slice,
  Sub: arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  Transpose: transpose,
  Trilu: trilu,
  Where: elementwise((condition: Value, a: Value, b: Value) => (Number(condition) !== 0 ? a : b)),
  Reshape: shaped((node, inputs) => {
    const from = present(inputs[0]).shape;
    const copied = intAttribute(node, "allowzero", 0) === 0;
    const wanted = numbersOf(inputs[1]).map((size, axis) =>
      size === 0 && copied ? (from[axis] as number) : size,
    );
    const known = elementCount(wanted.filter((size) => size !== -1));
    return wanted.map((size) => (size === -1 ? elementCount(from) / known : size));
  }),
  Squeeze: shaped((_, inputs) => {
    const { shape } = present(inputs[0]);
    const axes = inputs[1] && numbersOf(inputs[1]).map((axis) => (axis + shape.length) % shape.length);
    return shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
  }),
  Unsqueeze: shaped((_, inputs) => {
    const rest = [...present(inputs[0]).shape];
    const axes = numbersOf(inputs[1]);
    const rank = rest.length + axes.length;
    const added = new Set(axes.map((axis) => (axis + rank) % rank));
    return Array.from({ length: rank }, (_unused, axis) => (added.has(axis) ? 1 : (rest.shift() as number)));
  }),
};
