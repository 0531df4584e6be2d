import { join } from "node:path";
import type { AdaptableModel } from "../../src/lora/index.ts";
import { type Graph, GraphBuilder, readSafetensors, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";

/** The folder of what PEFT saved; `data/make.py` made it. */
export const peftFolder = join(import.meta.dirname, "data/peft");

const linear = [
  ["enc.mixers.0.mlp.fc1", 4, 8],
  ["enc.mixers.0.mlp.fc2", 8, 4],
  ["enc.mixers.0.gate.attn_layer", 4, 4],
  ["enc.mixers.1.mlp.fc1", 4, 8],
  ["enc.mixers.1.mlp.fc2", 8, 4],
  ["enc.mixers.1.gate.attn_layer", 4, 4],
  ["head.wide", 4, 6],
  ["head.out", 6, 3],
] as const;

const places = ["enc", "enc.mixers", "enc.mixers.0", "enc.mixers.1", "head"];
const inMixers = ["norm", "mlp", "gate"].flatMap((part) => [0, 1].map((i) => `enc.mixers.${i}.${part}`));

/** The model of `data/make.py`. */
export function mixerModel(): AdaptableModel {
  return {
    weights: readSafetensors(join(peftFolder, "base.safetensors")).tensors,
    modules: [...places, ...inMixers, ...linear.map(([path]) => path)],
    linearModules: linear.map(([path, inFeatures, outFeatures]) => ({
      path,
      weight: `${path}.weight`,
      bias: path === "head.wide" ? null : `${path}.bias`,
      inFeatures,
      outFeatures,
    })),
    targetPresets: {
      head: ["head.wide", "head.out"],
      mixers: linear.map(([path]) => path).filter((path) => path.startsWith("enc.")),
    },
  };
}

/** Its graph, with every way a weight can be used: Gemm from the right and the left, MatMul from both sides. */
export function mixerGraph(model: Pick<AdaptableModel, "weights"> = mixerModel()): Graph {
  const b = new GraphBuilder("mixers");
  for (const [name, tensor] of model.weights) b.initializer(name, tensor);
  let x = b.input("x", "float32", [5, 4]);
  for (const mixer of ["enc.mixers.0", "enc.mixers.1"]) x = addMixer(b, mixer, x);
  const wide = b.op("Gemm", [x, "head.wide.weight"], { transB: 1 });
  const columns = b.transpose(wide, [1, 0]);
  const out = b.transpose(b.op("MatMul", ["head.out.weight", columns]), [1, 0]);
  b.output(b.op("Add", [out, "head.out.bias"]), "y");
  return b.build();
}

function addMixer(b: GraphBuilder, path: string, x: string): string {
  const norm = b.op("LayerNormalization", [x, `${path}.norm.weight`, `${path}.norm.bias`], { epsilon: 1e-5 });
  const fc1 = b.op("Gemm", [norm, `${path}.mlp.fc1.weight`, `${path}.mlp.fc1.bias`], { transB: 1 });
  const tanh = b.op("Tanh", [fc1]);
  const fc2 = b.op("Gemm", [
    `${path}.mlp.fc2.weight`,
    b.transpose(tanh, [1, 0]),
    b.reshape(`${path}.mlp.fc2.bias`, [4, 1]),
  ]);
  const sum = b.op("Add", [b.transpose(fc2, [1, 0]), x]);
  const attention = b.op("Add", [
    b.op("MatMul", [sum, b.transpose(`${path}.gate.attn_layer.weight`, [1, 0])]),
    `${path}.gate.attn_layer.bias`,
  ]);
  return b.op("Mul", [sum, b.op("Softmax", [attention], { axis: -1 })]);
}

export const baseOutput = readSafetensors(join(peftFolder, "base-output.safetensors")).tensors;

/** The graph's output for the inputs that PEFT was given. */
export async function outputOf(graph: Graph): Promise<Tensor> {
  const { y } = await evaluate(graph, { x: baseOutput.get("x") as Tensor });
  return y as Tensor;
}

/** The graph with other values for some initializers. */
export function withInitializers(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const initializers = [...graph.initializers].map(
    ([name, tensor]) => [name, values.get(name) ?? tensor] as const,
  );
  return { ...graph, initializers: new Map(initializers) };
}

/** The largest difference, relative to the largest expected value. */
export function deviation(got: Tensor, expected: Tensor): number {
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    worst = Math.max(worst, Math.abs(Number(got.data[i]) - Number(expected.data[i])));
    largest = Math.max(largest, Math.abs(Number(expected.data[i])));
  }
  return got.shape.join() === expected.shape.join() ? worst / largest : Number.NaN;
}
