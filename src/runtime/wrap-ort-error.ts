import { describeNode, type Graph, inferTypes, type TensorType } from "../onnx/index.ts";
import { OrtError, type RuntimeErrorCode } from "./errors.ts";

/** How ONNX Runtime names the node at fault, in its various messages. */
const nodePatterns = [
  /Name:'([^']+)'/, // Non-zero status code returned while running Gather node. Name:'pick' …
  /In Node, \("([^"]+)"/, // This is an invalid model. In Node, ("pick", Gather, …
  /in node \(([^)]+)\)/, // Type Error: … of operator (Erf) in node (pick) is invalid.
  /Node \(([^)]+)\)/, // Node (pick) Op (MatMul) [ShapeInferenceError] …
  /node with name '([^']+)'/, // Could not find an implementation for Erf(13) node with name 'pick'
];

/** An error of ONNX Runtime as ours: names the graph and, where the message does, the node with its input types. */
export function wrapOrtError(
  code: Extract<RuntimeErrorCode, "RUNTIME_BAD_MODEL" | "RUNTIME_RUN_FAILED">,
  cause: unknown,
  label: string,
  graph?: Graph,
): OrtError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const name = nodePatterns.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
  const node = name === undefined ? undefined : describe(name, graph);
  return new OrtError(code, `ONNX Runtime: ${message}`, {
    where: node ? `${label}, ${node}` : label,
    fix:
      code === "RUNTIME_BAD_MODEL"
        ? "check the node's inputs and attributes against its ONNX definition; export the model with opset_version=20"
        : "check the values and shapes that are fed",
    cause,
  });
}

function describe(name: string, graph: Graph | undefined): string {
  const node = graph?.nodes.find((candidate) => candidate.name === name);
  if (!graph || !node) return `node '${name}'`;
  const types = knownTypes(graph);
  return describeNode(
    node.op,
    node.name,
    node.inputs.map((input) => types.get(input)),
  );
}

/** All types where the graph can be typed; those of inputs and weights where it is the typing that fails. */
function knownTypes(graph: Graph): ReadonlyMap<string, TensorType> {
  try {
    return inferTypes(graph);
  } catch {
    const inputs = graph.inputs.map((input) => [input.name, input] as const);
    return new Map<string, TensorType>([...inputs, ...graph.initializers]);
  }
}
