import { float32Tensor, type Tensor } from "../../src/onnx/index.ts";
import { evaluate } from "../../src/runtime/index.ts";
import { buildGradientGraph, PARAMETERS, packParameters, unpackParameters } from "../../src/train/index.ts";
import { AdaptedCase } from "./adapted-case.ts";
import { type ReplayResult, readCase, replay } from "./case.ts";
import { caseInputs } from "./case-windows.ts";
import { compareResults } from "./compare.ts";

/** Replays a golden of kind `gradients`: predictions, loss, and the gradient of every trained tensor. */
export async function replayGradients(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  return replay(async () => {
    const inputs = await caseInputs(golden);
    const [batch = 0, , channels = 0] = inputs.get("past_values")?.shape ?? [];
    const adapted = new AdaptedCase(golden, channels);
    return [...adapted.compareLayers(), ...compareResults(golden, await results(adapted, inputs, batch))];
  });
}

async function results(
  adapted: AdaptedCase,
  inputs: ReadonlyMap<string, Tensor>,
  batch: number,
): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const { layout, loss } = adapted;
  const channels = inputs.get("past_values")?.shape[2] ?? 0;
  const { graph: forward, stopGradients } = adapted.forward(batch, channels);
  const parameters = float32Tensor([layout.size], packParameters(layout, forward.initializers));
  const { graph } = buildGradientGraph({ forward, layout, loss, stopGradients });
  const outputs = await evaluate(graph, { ...adapted.feeds(inputs), [PARAMETERS]: parameters });
  const predicted = await evaluate(forward, onlyInputs(adapted.feeds(inputs), forward.inputs));
  const gradients = unpackParameters(layout, outputs["gradient"]?.data as Float32Array);
  return new Map<string, ArrayLike<number>>([
    ["expected.predictions", numbers(predicted["predictions"])],
    ["expected.loss", numbers(outputs["loss"])],
    ...[...gradients].map(([name, tensor]) => [`expected.grad.${name}`, numbers(tensor)] as const),
  ]);
}

export function onlyInputs(
  feeds: Readonly<Record<string, Tensor>>,
  inputs: readonly { readonly name: string }[],
): Record<string, Tensor> {
  return Object.fromEntries(inputs.map(({ name }) => [name, feeds[name] as Tensor]));
}

export function numbers(tensor: Tensor | undefined): Float64Array {
  return Float64Array.from((tensor?.data ?? []) as ArrayLike<number | bigint>, Number);
}
