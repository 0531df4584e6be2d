import type { Random } from "../../../src/core/index.ts";
import {
  elementCount,
  float32Tensor,
  type Graph,
  GraphBuilder,
  type Tensor,
} from "../../../src/onnx/index.ts";

const unary = ["Neg", "Tanh", "Identity", "Abs"] as const;
const binary = ["Add", "Mul", "Sub"] as const;
const SIZE = 3;

export function randomTensor(shape: readonly number[], random: Random): Tensor {
  return float32Tensor(
    shape,
    Array.from({ length: elementCount(shape) }, () => random.uniform(-1, 1)),
  );
}

/**
 * A graph over 3×3 matrices: nodes that repeat each other, nodes that nobody reads, Gemms with every flag, sums of
 * products. Its two outputs are some node's and the last one's.
 */
export function randomGraph(random: Random, nodes = 30): Graph {
  const b = new GraphBuilder("random");
  const shape = [SIZE, SIZE];
  const values = ["x", "y"].map((name) => b.input(name, "float32", shape));
  values.push(b.initializer("weight", randomTensor(shape, random)));
  const pick = () => values[random.integer(0, values.length - 1)] as string;
  const recent = () => values[random.integer(Math.max(0, values.length - 4), values.length - 1)] as string;
  const flag = () => random.integer(0, 1);
  const kinds = [
    () => b.op(unary[random.integer(0, unary.length - 1)] ?? "Neg", [pick()]),
    () => b.op("Tanh", [b.op(binary[random.integer(0, binary.length - 1)] ?? "Add", [recent(), pick()])]),
    () =>
      b.op("Gemm", [recent(), pick()], { transA: flag(), transB: flag(), alpha: random.uniform(0.2, 0.5) }),
    () => b.op("Add", [b.op("Gemm", [pick(), pick()], { transB: flag() }), recent()]),
    () => b.op("Add", [recent(), b.op("Gemm", [pick(), pick()])]),
    () => b.op("Tanh", [b.op("Gemm", [pick(), recent(), pick()], { beta: 0.5 })]),
    () => b.op("Mul", [recent(), b.scalar(random.uniform(0.3, 1))]),
    () => b.op("Gemm", [b.op("Mul", [b.scalar(0.7), recent()]), pick()]),
    () => b.op("Gemm", [b.transpose(recent(), [1, 0]), b.reshape(b.reshape(pick(), [9]), [3, 3])]),
    () => gateGradient(b, recent(), pick(), pick()),
  ];
  for (let node = 0; node < nodes; node++)
    values.push((kinds[random.integer(0, kinds.length - 1)] as () => string)());
  b.output(values.at(-5) as string, "middle");
  b.output(values.at(-1) as string);
  return b.build();
}

/** What the gradient of u·s is made of: (g·u)·s beside g·s. */
function gateGradient(b: GraphBuilder, g: string, u: string, s: string): string {
  const product = b.op("Mul", [b.op("Mul", [g, u]), s]);
  return b.op("Sub", [product, b.op("Mul", [s, g])]);
}

export const inputsOf = (random: Random): Record<string, Tensor> => ({
  x: randomTensor([SIZE, SIZE], random),
  y: randomTensor([SIZE, SIZE], random),
});
