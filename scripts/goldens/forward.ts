import type { ForecastModel } from "../../src/models/index.ts";
import type { Graph } from "../../src/onnx/index.ts";
import { loadCaseModel, type ReplayResult, readCase, replay } from "./case.ts";
import { forecastCase } from "./case-loss.ts";
import { caseInputs } from "./case-windows.ts";
import { compareResults } from "./compare.ts";
import { type Inputs, isFamily } from "./families.ts";

/** Replays a golden of kind `forward`: predictions, and the loss where there is a target. */
export async function replayForward(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  if (!isFamily(golden.family)) {
    return { ok: true, skipped: true, message: `the family ${golden.family} has no model here` };
  }
  return replay(async () => {
    const model = loadCaseModel(golden);
    const inputs = await caseInputs(golden);
    const results = await forecastCase(golden, model, buildFor(model, inputs), inputs);
    return compareResults(golden, new Map(results));
  });
}

/** The forward graph for a batch of inputs, which may be shorter or longer than the context. */
export function buildFor(model: ForecastModel, inputs: Inputs): Graph {
  const [batch = 0, contextLength = 0, channels = 0] = inputs.get("past_values")?.shape ?? [];
  const withMask = inputs.has("past_observed_mask");
  return model.build({ batch, channels, contextLength, withMask, training: false });
}
