import { describeNode, OnnxError } from "./errors.ts";
import type { Graph, Node, Tensor, TensorType } from "./graph.ts";
import { isOpType, ops } from "./ops.ts";

/** Looks values up while a graph is being typed. */
export interface ValueLookup {
  typeOf(name: string): TensorType | undefined;
  constantOf(name: string): Tensor | undefined;
}

/**
 * Types of a node's outputs, by its op's row.
 *
 * @throws {OnnxError} ONNX_UNKNOWN_OP, ONNX_UNDEFINED_VALUE or ONNX_BAD_NODE, with the node and its input types
 */
export function inferNode(node: Omit<Node, "domain">, values: ValueLookup): readonly TensorType[] {
  const inputs = node.inputs.map((name) => (name === "" ? undefined : values.typeOf(name)));
  const where = describeNode(node.op, node.name, inputs);
  if (!isOpType(node.op)) {
    throw new OnnxError("ONNX_UNKNOWN_OP", `no shape rule for the op ${node.op}`, {
      where,
      fix: "add a row to src/onnx/ops.ts, or export the model without this op",
    });
  }
  const undefinedInput = node.inputs.find((name, index) => name !== "" && inputs[index] === undefined);
  if (undefinedInput !== undefined) {
    throw new OnnxError("ONNX_UNDEFINED_VALUE", `'${undefinedInput}' is used before it is defined`, {
      where,
      fix: "define it as an input, an initializer or the output of an earlier node",
    });
  }
  const fail = (what: string): never => {
    throw new OnnxError("ONNX_BAD_NODE", what, {
      where,
      fix: "check the shapes and attributes given to this node",
    });
  };
  const outputs = ops[node.op].infer({
    op: node.op,
    inputs,
    constants: node.inputs.map((name) => values.constantOf(name)),
    attributes: node.attributes,
    outputCount: node.outputs.length,
    fail,
  });
  if (outputs.length < node.outputs.length)
    fail(`it has ${node.outputs.length} outputs, the op gives ${outputs.length}`);
  return outputs;
}

/** The type of every value in a graph: inputs, initializers and all node outputs. */
export function inferTypes(graph: Graph): ReadonlyMap<string, TensorType> {
  const types = new Map<string, TensorType>();
  for (const value of graph.inputs) types.set(value.name, value);
  for (const [name, tensor] of graph.initializers) types.set(name, tensor);
  const values: ValueLookup = {
    typeOf: (name) => types.get(name),
    constantOf: (name) => graph.initializers.get(name),
  };
  for (const node of graph.nodes) {
    const outputs = inferNode(node, values);
    node.outputs.forEach((name, index) => {
      const output = outputs[index];
      if (name !== "" && output) types.set(name, { dtype: output.dtype, shape: output.shape });
    });
  }
  return types;
}
