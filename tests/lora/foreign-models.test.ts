import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { grad, gradientName } from "../../src/autodiff/index.ts";
import { Random } from "../../src/core/index.ts";
import { addLoraAdapters, linearModulesOf, parseLoraConfig } from "../../src/lora/index.ts";
import {
  decodeModel,
  elementCount,
  float32Tensor,
  foldShapes,
  type Graph,
  GraphBuilder,
  type Tensor,
} from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";

interface Answer {
  readonly shape: readonly number[];
  readonly tokens: boolean;
  readonly y: readonly number[];
}

const file = (name: string) => readFileSync(new URL(`data/foreign/${name}`, import.meta.url));
const answers = JSON.parse(file("answers.json").toString()) as Record<string, Answer>;

function inputOf({ shape, tokens }: Answer): Tensor {
  const count = Array.from({ length: elementCount(shape) }, (_, index) => index);
  return tokens
    ? { dtype: "int64", shape, data: BigInt64Array.from(count, (index) => BigInt(index % 20)) }
    : float32Tensor(shape, count.map(Math.sin));
}

/** Low-rank adapters on every linear layer that there is. */
function adapt(graph: Graph) {
  const linear = linearModulesOf(graph);
  const config = parseLoraConfig({
    peft_type: "LORA",
    r: 2,
    lora_alpha: 8,
    target_modules: linear.map(({ path }) => path),
  });
  return addLoraAdapters(graph, { linear, all: linear.map(({ path }) => path) }, config, {
    random: Random.fromSeed(1),
  });
}

/** Mean square of y − target, and its gradients for the adapters. */
function withGradients(graph: Graph, trainable: readonly string[]): Graph {
  const b = GraphBuilder.from(graph);
  const error = b.op("Sub", ["y", b.input("target", "float32", b.shape("y"))]);
  b.output(b.op("ReduceMean", [b.op("Mul", [error, error])], { keepdims: 0 }), "loss");
  return grad(b.build(), { of: "loss", wrt: trainable });
}

/** Plain gradient descent on the initializers. */
function descend(
  graph: Graph,
  trainable: readonly string[],
  results: Readonly<Record<string, Tensor>>,
): Graph {
  const initializers = new Map(graph.initializers);
  for (const name of trainable) {
    const [value, slope] = [graph.initializers.get(name), results[gradientName(name)]] as [Tensor, Tensor];
    const next = Array.from(
      value.data as Float32Array,
      (number, index) => Number(number) - 0.05 * Number(slope.data[index]),
    );
    initializers.set(name, float32Tensor(value.shape, next));
  }
  return { ...graph, initializers };
}

describe("a file of one of torch's exporters", () => {
  it.each(Object.entries(answers))(
    "%s computes what torch does, and learns through LoRA",
    async (name, answer) => {
      const graph = foldShapes(decodeModel(file(name), { dimensions: { batch: answer.shape[0] ?? 1 } }));
      const x = inputOf(answer);
      const { y } = await evaluate(graph, { x });
      for (const [index, value] of answer.y.entries()) expect(y?.data[index]).toBeCloseTo(value, 5);

      const adapted = adapt(graph);
      const target = float32Tensor(
        y?.shape ?? [],
        Array.from((y?.data ?? []) as Float32Array, (value) => value + 0.5),
      );
      let step = withGradients(adapted.graph, adapted.trainable);
      const losses: number[] = [];
      for (let round = 0; round < 25; round++) {
        const results = await evaluate(step, { x, target });
        losses.push(Number(results["loss"]?.data[0]));
        step = descend(step, adapted.trainable, results);
      }
      expect(losses[0]).toBeCloseTo(0.25, 5); // adapters begin at zero
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0));
    },
  );

  it("has layers by torch's names where the exporter keeps them", () => {
    const graph = foldShapes(decodeModel(file("mlp-dynamo.onnx")));
    expect(linearModulesOf(graph)).toEqual([
      { path: "first", weight: "first.weight", bias: "first.bias", inFeatures: 12, outFeatures: 16 },
      { path: "last", weight: "last.weight", bias: "last.bias", inFeatures: 16, outFeatures: 4 },
    ]);
  });
});
