import type { Attribute, DType, Tensor, TensorType } from "../graph.ts";
import { broadcastShapes } from "../shapes.ts";

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

export const type = (dtype: DType, shape: readonly number[]): TensorType => ({ dtype, shape });

export function input(c: InferContext, index: number): TensorType {
  return c.inputs[index] ?? c.fail(`input ${index} is missing`);
}

export function integers(c: InferContext, index: number): number[] | undefined {
  if (!c.inputs[index]) return undefined;
  const value = c.constants[index] ?? c.fail(`input ${index} must be a constant: shapes here are static`);
  return Array.from(value.data, Number);
}

export function intAttribute(c: Pick<InferContext, "attributes">, name: string, otherwise: number): number {
  const value = c.attributes[name];
  return value?.type === "int" ? value.value : otherwise;
}

export function floatAttribute(c: Pick<InferContext, "attributes">, name: string, otherwise: number): number {
  const value = c.attributes[name];
  return value?.type === "float" ? value.value : otherwise;
}

export function intsAttribute(
  c: Pick<InferContext, "attributes">,
  name: string,
): readonly number[] | undefined {
  const value = c.attributes[name];
  return value?.type === "ints" ? value.value : undefined;
}

/** An axis counted from the front; negative ones count from the back. */
export function axisOf(c: InferContext, axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  return positive >= 0 && positive < Math.max(rank, 1)
    ? positive
    : c.fail(`axis ${axis} is out of range for rank ${rank}`);
}

// ----- makers: rows that repeat

export const same = (): OpInfo => ({ infer: (c) => [input(c, 0)] });

export function broadcast(result?: DType): OpInfo {
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

export const reduce = (): OpInfo => ({
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

export const dtypeOfCode: Readonly<Record<number, DType>> = {
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
