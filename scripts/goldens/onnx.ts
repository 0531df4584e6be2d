import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { grad, gradientName } from "../../src/autodiff/index.ts";
import { decodeModel, foldShapes, type Graph, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { type GoldenCase, type ReplayResult, readCase, replay } from "./case.ts";
import { numbers } from "./case-loss.ts";
import { compareResults } from "./compare.ts";

const facts = z.looseObject({
  output: z.string(),
  loss: z.enum(["mse", "dot", "mae", "sum"]),
  initializers: z.record(z.string(), z.looseObject({ parameter: z.string() })),
});

/** Replays a golden of kind `onnx`: the gradient of a loss for every weight of a foreign file, and for its float inputs. */
export async function replayOnnx(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  return replay(async () => {
    const graph = foldShapes(decodeModel(readFileSync(join(golden.folder, golden.model))));
    return compareResults(golden, await results(golden, graph));
  });
}

async function results(golden: GoldenCase, graph: Graph): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const { output, loss, initializers } = facts.parse(golden);
  const weights = Object.keys(initializers).filter((name) => golden.tensors.has(`expected.grad.${name}`));
  const inputs = graph.inputs.filter(({ name }) => golden.tensors.has(`expected.input_grad.${name}`));
  const names = [...weights, ...inputs.map(({ name }) => name)];
  const withLoss = addLoss(graph, output, loss);
  const feeds = Object.fromEntries(
    withLoss.inputs.map(({ name }) => [
      name,
      golden.tensors.get(name === "aim" ? name : `input.${name}`) as Tensor,
    ]),
  );
  const outputs = await evaluate(grad(withLoss, { of: "loss", wrt: names }), feeds);
  const gradient = (name: string) => numbers(outputs[gradientName(name)]);
  return new Map<string, ArrayLike<number>>([
    ["expected.predictions", numbers(outputs[output])],
    ["expected.loss", numbers(outputs["loss"])],
    ...weights.map((name) => [`expected.grad.${name}`, gradient(name)] as const),
    ...inputs.map(({ name }) => [`expected.input_grad.${name}`, gradient(name)] as const),
  ]);
}

function addLoss(graph: Graph, output: string, loss: z.infer<typeof facts>["loss"]): Graph {
  const b = GraphBuilder.from(graph);
  const aim = loss === "sum" ? undefined : b.input("aim", "float32", b.shape(output));
  const error = () => b.op("Sub", [output, aim as string]);
  const value = {
    mse: () => b.op("ReduceMean", [b.op("Mul", [error(), error()])], { keepdims: 0 }),
    mae: () => b.op("ReduceMean", [b.op("Abs", [error()])], { keepdims: 0 }),
    dot: () => b.op("ReduceSum", [b.op("Mul", [output, aim as string])], { keepdims: 0 }),
    sum: () => b.op("ReduceSum", [output], { keepdims: 0 }),
  }[loss]();
  b.output(value, "loss");
  return b.build();
}
