import type { ForecastModel } from "../../src/models/index.ts";
import { float32Tensor, type Graph, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { type GoldenCase, loadCaseModel, type ReplayResult, readCase, replay } from "./case.ts";
import { meanLoss, selectSteps } from "./case-loss.ts";
import { caseInputs } from "./case-windows.ts";
import { compareResults } from "./compare.ts";

/** Replays a golden of kind `forward`: predictions, and the loss where there is a target. */
export async function replayForward(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  if (golden.family !== "ttm") {
    return { ok: true, skipped: true, message: `the family ${golden.family} has no model here` };
  }
  return replay(async () => compareResults(golden, await forwardResults(golden)));
}

async function forwardResults(golden: GoldenCase): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const model = loadCaseModel(golden);
  const inputs = await caseInputs(golden);
  const graph = buildFor(model, inputs);
  const { predictions } = await evaluate(graph, feedsFor(graph, model, inputs));
  if (!predictions) throw new Error("the graph has no output 'predictions'");
  const values = Float64Array.from(predictions.data as ArrayLike<number>);
  const results = new Map<string, ArrayLike<number>>([["expected.predictions", values]]);
  const loss = lossOf(golden, model, predictions, inputs);
  if (loss !== null) results.set("expected.loss", [loss]);
  return results;
}

/** The forward graph for a batch of inputs, which may be longer than the context. */
export function buildFor(model: ForecastModel, inputs: ReadonlyMap<string, Tensor>): Graph {
  const [batch = 0, contextLength = 0, channels = 0] = inputs.get("past_values")?.shape ?? [];
  const withMask = inputs.has("past_observed_mask");
  return model.build({ batch, channels, contextLength, withMask, training: false });
}

/** A case's inputs as the graph takes them: flags become numbers, a longer future is cut. */
export function feedsFor(
  graph: Graph,
  model: ForecastModel,
  inputs: ReadonlyMap<string, Tensor>,
): Readonly<Record<string, Tensor>> {
  const feeds = graph.inputs.map(({ name, dtype }) => {
    const given = inputs.get(name);
    if (!given) throw new Error(`the case has no input '${name}'`);
    const steps = name === "future_values" ? selectSteps(given, model.predictionLength, null) : given;
    return [name, dtype === "float32" ? asFloat32(steps) : asInt64(steps)] as const;
  });
  return Object.fromEntries(feeds);
}

function asFloat32(tensor: Tensor): Tensor {
  if (tensor.dtype === "float32") return tensor;
  return float32Tensor(tensor.shape, Float32Array.from(tensor.data as ArrayLike<number | bigint>, Number));
}

function asInt64({ shape, data }: Tensor): Tensor {
  return { dtype: "int64", shape, data: BigInt64Array.from(data as ArrayLike<number | bigint>, BigInt) };
}

function lossOf(
  golden: GoldenCase,
  model: ForecastModel,
  predictions: Tensor,
  inputs: ReadonlyMap<string, Tensor>,
): number | null {
  const future = inputs.get("future_values");
  if (!future || !golden.loss || !golden.tensors.has("expected.loss")) return null;
  const { predictionLength: steps, predictionChannels: channels } = model;
  const mask = inputs.get("future_observed_mask");
  const observed = mask ? selectSteps(mask, steps, channels) : null;
  return meanLoss(golden.loss, predictions, selectSteps(future, steps, channels), observed);
}
