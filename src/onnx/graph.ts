/** Element types the graphs here use; names as in ONNX, lower case. */
export type DType = "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "uint8" | "bool";

export type TensorData = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;

/** Row-major; `data.length` is the product of `shape` (1 for a scalar, whose shape is `[]`). */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Element type and static shape of a value. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A named graph input or output. */
export interface ValueInfo extends TensorType {
  readonly name: string;
}

export type Attribute =
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "ints"; readonly value: readonly number[] }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: Tensor }
  /** The body of a Scan; it reads nothing from outside. */
  | { readonly type: "graph"; readonly value: Graph };

/** One operation. An absent optional input or output is the empty string, as in ONNX. */
export interface Node {
  readonly op: string;
  /** Operator set domain; empty for ONNX's own. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/**
 * An ONNX graph with static shapes. Frozen: every pass takes one and returns another.
 * Nodes are in topological order; a name is defined once, by an input, an initializer or a node.
 */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** The operator set that every graph built here declares: ReduceX with axes as input, Gelu, f16 IsInf. */
export const OPSET_VERSION = 20;

const arrayTypes = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** The typed array class that holds a dtype; f16 and bf16 are held as their 16 bits. */
export function arrayTypeOf<D extends DType>(dtype: D): (typeof arrayTypes)[D] {
  return arrayTypes[dtype];
}

/** A float32 tensor from numbers. */
export function float32Tensor(shape: readonly number[], values: ArrayLike<number>): Tensor {
  return {
    dtype: "float32",
    shape,
    data: values instanceof Float32Array ? values : Float32Array.from(values),
  };
}

/** An int64 vector, as shapes and axes are given to ONNX ops. */
export function int64Tensor(values: readonly number[]): Tensor {
  return { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

export function freezeGraph(graph: Graph): Graph {
  for (const node of graph.nodes) Object.freeze(node);
  Object.freeze(graph.inputs);
  Object.freeze(graph.outputs);
  Object.freeze(graph.nodes);
  return Object.freeze(graph);
}
