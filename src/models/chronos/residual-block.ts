import type { DropoutPart, Forward } from "./forward.ts";

/** `drop(W₂·relu(W₁·x + b₁) + b₂) + W₃·x + b₃` over the rows of a matrix. */
export function residualBlock(f: Forward, path: string, x: string, part: DropoutPart = "stacks"): string {
  const hidden = f.graph.op("Relu", [f.linear(`${path}.hidden_layer`, x)]);
  const output = f.dropout(f.linear(`${path}.output_layer`, hidden), part);
  return f.graph.op("Add", [output, f.linear(`${path}.residual_layer`, x)], undefined, { name: path });
}
