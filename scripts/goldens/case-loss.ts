import type { ForecastModel } from "../../src/models/index.ts";
import { type Graph, GraphBuilder, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { addLoss, type LossKind, lossKinds } from "../../src/train/index.ts";
import type { GoldenCase } from "./case.ts";
import { type CaseTarget, caseTarget, targetFeeds } from "./case-target.ts";
import { familyOf, type Inputs } from "./families.ts";

/** The loss that a case names, or its family's own; null where neither is there. */
export function lossOf(golden: GoldenCase): LossKind | null {
  const name = golden.loss ?? familyOf(golden.family).loss;
  if (name === null) return null;
  const loss = lossKinds.find((kind) => kind === name);
  if (!loss) throw new Error(`the loss '${name}' is not known here`);
  return loss;
}

/**
 * Runs a forward graph on a case's inputs.
 *
 * @returns `expected.predictions`, and `expected.loss` where the case has a target and a loss
 */
export async function forecastCase(
  golden: GoldenCase,
  model: ForecastModel,
  graph: Graph,
  inputs: Inputs,
): Promise<[name: string, values: ArrayLike<number>][]> {
  const { forecast } = familyOf(golden.family);
  const feeds = feedsFor(graph, model, inputs);
  const outputs = await evaluate(graph, feeds);
  const expected = outputs[forecast];
  if (!expected) throw new Error(`the graph has no output '${forecast}'`);
  const results: [string, ArrayLike<number>][] = [["expected.predictions", numbers(expected)]];
  const kind = lossOf(golden);
  const target = caseTarget(golden.family, model, inputs);
  if (!kind || !target) return results;
  const loss =
    kind === "quantile"
      ? await quantileLoss(graph, model, feeds, target)
      : meanLoss(kind, outputs["predictions"] as Tensor, target);
  return [...results, ["expected.loss", [loss]]];
}

/** A case's inputs as the graph takes them: flags become numbers, a longer future is cut. */
export function feedsFor(
  graph: Graph,
  model: ForecastModel,
  inputs: Inputs,
): Readonly<Record<string, Tensor>> {
  const feeds = graph.inputs.map(({ name, dtype }) => {
    const given = inputs.get(name);
    if (!given) throw new Error(`the case has no input '${name}'`);
    const steps = name === "future_values" ? firstSteps(given, model.predictionLength) : given;
    return [name, dtype === "float32" ? asFloat32(steps) : asInt64(steps)] as const;
  });
  return Object.fromEntries(feeds);
}

const pointLoss: Readonly<Record<Exclude<LossKind, "quantile">, (error: number) => number>> = {
  mse: (error) => error * error,
  mae: Math.abs,
  huber: (error) => (Math.abs(error) <= 1 ? 0.5 * error * error : Math.abs(error) - 0.5),
};

/** The plain mean of a point loss over the observed elements, in float64. */
function meanLoss(kind: Exclude<LossKind, "quantile">, predictions: Tensor, target: CaseTarget): number {
  const { values, mask, divisor } = target;
  const sum = numbers(values).reduce((total, value, index) => {
    if (mask.data[index] === 0) return total;
    return total + pointLoss[kind](Number(predictions.data[index]) - value);
  }, 0);
  return sum / divisor;
}

/** The loss that the graph itself would be trained with: it is of values inside the graph. */
async function quantileLoss(
  graph: Graph,
  model: ForecastModel,
  feeds: Readonly<Record<string, Tensor>>,
  target: CaseTarget,
): Promise<number> {
  const b = GraphBuilder.from(graph, { dropOutputs: true });
  b.output(addLoss(b, "predictions", "quantile", model.quantiles));
  const { loss } = await evaluate(b.build(), { ...feeds, ...targetFeeds(target) });
  return Number(loss?.data[0]);
}

export function numbers(tensor: Tensor | undefined): Float64Array {
  return Float64Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>, Number);
}

/** The first steps of [B, steps, channels]. */
function firstSteps(tensor: Tensor, steps: number): Tensor {
  const [batch = 0, rows = 0, columns = 0] = tensor.shape;
  if (rows <= steps) return tensor;
  const data = Float32Array.from({ length: batch * steps * columns }, (_, index) => {
    const window = Math.floor(index / (steps * columns));
    return Number(tensor.data[window * rows * columns + (index % (steps * columns))]);
  });
  return { dtype: "float32", shape: [batch, steps, columns], data };
}

function asFloat32(tensor: Tensor): Tensor {
  if (tensor.dtype === "float32") return tensor;
  const data = Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number);
  return { dtype: "float32", shape: tensor.shape, data };
}

function asInt64({ shape, data }: Tensor): Tensor {
  return { dtype: "int64", shape, data: BigInt64Array.from(data as ArrayLike<number | bigint>, BigInt) };
}
