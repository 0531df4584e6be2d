import { float32Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { PARAMETERS, packParameters, unpackParameters } from "../../src/train/index.ts";
import { AdaptedCase } from "./adapted-case.ts";
import { type ReplayResult, readCase, replay } from "./case.ts";
import { numbers } from "./case-loss.ts";
import { caseInputs } from "./case-windows.ts";
import { compareResults } from "./compare.ts";
import type { Inputs } from "./families.ts";

/** Replays a golden of kind `gradients`: predictions, loss, and the gradient of every trained tensor. */
export async function replayGradients(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  return replay(async () => {
    const inputs = await caseInputs(golden);
    const adapted = new AdaptedCase(golden, inputs);
    return [...adapted.compareLayers(), ...compareResults(golden, await results(adapted, inputs))];
  });
}

async function results(
  adapted: AdaptedCase,
  inputs: Inputs,
): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const { layout } = adapted;
  const parameters = float32Tensor([layout.size], packParameters(layout, adapted.initial));
  const { graph } = adapted.gradientGraph(inputs);
  const outputs = await evaluate(graph, { ...adapted.feeds(inputs), [PARAMETERS]: parameters });
  const gradients = unpackParameters(layout, outputs["gradient"]?.data as Float32Array);
  return new Map<string, ArrayLike<number>>([
    ...(await adapted.forecast(inputs)),
    ["expected.loss", numbers(outputs["loss"])],
    ...[...gradients].map(([name, tensor]) => [`expected.grad.${name}`, numbers(tensor)] as const),
  ]);
}
