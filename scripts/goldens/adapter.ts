import { join } from "node:path";
import { LoRAManager } from "../../src/lora/index.ts";
import type { ForecastModel } from "../../src/models/index.ts";
import type { Graph, Tensor } from "../../src/onnx/index.ts";
import { type GoldenCase, loadCaseModel, type ReplayResult, readCase, replay } from "./case.ts";
import { forecastCase, numbers } from "./case-loss.ts";
import { caseInputs } from "./case-windows.ts";
import { compareResults } from "./compare.ts";
import { isFamily } from "./families.ts";
import { buildFor } from "./forward.ts";

/** Factors after patterns and rsLoRA are quotients of small numbers: equal but for rounding. */
const SCALE_TOLERANCE = 1e-12;

/**
 * Replays a golden of kind `adapter`: a folder that PEFT saved is loaded, its layers, factors and sizes are held
 * against PEFT's, then predictions with the adapter beside the weights and merged into them.
 */
export async function replayAdapter(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  if (!isFamily(golden.family)) {
    return { ok: true, skipped: true, message: `the family ${golden.family} has no model here` };
  }
  return replay(async () => {
    const model = loadCaseModel(golden);
    const adapter = await LoRAManager.load(
      join(golden.folder, String(golden["adapter"] ?? "adapter")),
      model,
    );
    return [
      ...compareLayers(golden, adapter),
      ...compareResults(golden, await adapterResults(golden, model, adapter)),
    ];
  });
}

/** Layers, number of trained values and factors, where the case states them. */
function compareLayers(golden: GoldenCase, { report, counts }: LoRAManager): string[] {
  const { resolved_targets: targets, trainable_parameters: trainable, scales } = golden;
  const paths = report.targets.map(({ path }) => path).sort();
  const faults: string[] = [];
  if (Array.isArray(targets) && [...targets].sort().join() !== paths.join())
    faults.push(`expected the ${targets.length} layers ${targets.join(", ")}, got ${paths.join(", ")}`);
  if (trainable !== undefined && trainable !== counts.trainable)
    faults.push(`expected ${trainable} trainable parameters, got ${counts.trainable}`);
  const got = new Map(report.targets.map(({ path, scale }) => [path, scale]));
  for (const [path, scale] of Object.entries((scales ?? {}) as Record<string, number>)) {
    if (!(Math.abs((got.get(path) ?? Number.NaN) - scale) <= SCALE_TOLERANCE * Math.abs(scale)))
      faults.push(`expected the factor ${scale} for ${path}, got ${got.get(path)}`);
  }
  return faults;
}

async function adapterResults(
  golden: GoldenCase,
  model: ForecastModel,
  adapter: LoRAManager,
): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const inputs = await caseInputs(golden);
  const base = buildFor(model, inputs);
  const beside = await forecastCase(golden, model, adapter.attach(base, { training: false }).graph, inputs);
  const { weights } = adapter.merge();
  const merged = new Map(await forecastCase(golden, model, withWeights(base, weights), inputs));
  return new Map<string, ArrayLike<number>>([
    ...beside,
    ["expected.merged_predictions", merged.get("expected.predictions") ?? []],
    ...[...weights].map(([name, tensor]) => [`expected.merged.${name}`, numbers(tensor)] as const),
  ]);
}

/** A graph with other values for its weights. */
function withWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): Graph {
  const entries = [...graph.initializers].map(
    ([name, tensor]) => [name, weights.get(name) ?? tensor] as const,
  );
  return { ...graph, initializers: new Map(entries) };
}
