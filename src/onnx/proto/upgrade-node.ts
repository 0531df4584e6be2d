import { OnnxError } from "../errors.ts";
import { int64Tensor, type Node, type Tensor } from "../graph.ts";
import { changedSince } from "./opsets.ts";

/** A node rewritten for the opset of the IR, and the initializers that it now needs. */
export interface UpgradedNode {
  readonly node: Node;
  readonly initializers: readonly (readonly [name: string, tensor: Tensor])[];
}

/**
 * A node of an older opset (13 to 17) as opset 20 writes it: reductions take their axes as an input since 18,
 * and Split by number of parts says the number.
 *
 * @param fresh  makes a name that the graph does not use yet
 * @throws {OnnxError} ONNX_UNSUPPORTED for an op whose meaning changed
 * @see onnx `docs/Changelog.md`, opset 18
 */
export function upgradeNode(node: Node, opset: number, fresh: (stem: string) => string): UpgradedNode {
  if (node.domain !== "") return { node, initializers: [] };
  if (changedSince(node.op, opset)) {
    throw new OnnxError("ONNX_UNSUPPORTED", `${node.op} of opset ${opset} means something else since`, {
      where: `${node.op} '${node.name}'`,
      fix: "export the model with opset_version=20",
    });
  }
  if (opset < 18 && /^Reduce/.test(node.op)) return axesAsInput(node, fresh);
  if (opset < 18 && node.op === "Split") return { node: withPartCount(node), initializers: [] };
  return { node, initializers: [] };
}

function axesAsInput(node: Node, fresh: (stem: string) => string): UpgradedNode {
  const { axes, ...attributes } = node.attributes;
  if (axes?.type !== "ints") return { node, initializers: [] };
  const name = fresh(`${node.name === "" ? node.op : node.name}.axes`);
  return {
    node: { ...node, inputs: [...node.inputs, name], attributes },
    initializers: [[name, int64Tensor(axes.value)]],
  };
}

function withPartCount(node: Node): Node {
  if ((node.inputs[1] ?? "") !== "") return node;
  const count = { type: "int", value: node.outputs.length } as const;
  return { ...node, attributes: { ...node.attributes, num_outputs: count } };
}
