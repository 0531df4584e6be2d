import { float32Tensor, int64Tensor, type Node, type Tensor } from "../graph.ts";

/** The value of a Constant node as a tensor, or undefined for any other node and for constants of strings. */
export function constantTensor(node: Node): Tensor | undefined {
  if (node.op !== "Constant" || node.domain !== "") return undefined;
  const { value, value_float, value_floats, value_int, value_ints } = node.attributes;
  if (value?.type === "tensor") return value.value;
  if (value_float?.type === "float") return float32Tensor([], [value_float.value]);
  if (value_floats?.type === "floats") return float32Tensor([value_floats.value.length], value_floats.value);
  if (value_int?.type === "int") return { ...int64Tensor([value_int.value]), shape: [] };
  if (value_ints?.type === "ints") return int64Tensor(value_ints.value);
  return undefined;
}
