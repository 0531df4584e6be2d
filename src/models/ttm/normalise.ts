import type { Forward } from "./forward.ts";
import { usesBatchNorm } from "./list-modules.ts";

/** Layer norm of the rows of [entries, width], or batch norm in its evaluation form. */
export function normalise(f: Forward, path: string, x: string): string {
  return usesBatchNorm(f.architecture.config)
    ? batchNorm(f, `${path}.norm.batchnorm`, x)
    : layerNorm(f, `${path}.norm`, x);
}

function layerNorm(f: Forward, path: string, x: string): string {
  const inputs = [x, f.weight(`${path}.weight`), f.weight(`${path}.bias`)];
  return f.graph.op(
    "LayerNormalization",
    inputs,
    { axis: -1, epsilon: f.architecture.config.norm_eps },
    { name: path },
  );
}

/**
 * x·a + (β − μ·a) with a = γ/√(σ² + ε) of the stored statistics, in training too: a short fine-tuning run does not move
 * them, and windows stay independent.
 */
function batchNorm(f: Forward, path: string, x: string): string {
  const { graph } = f;
  const variance = graph.op("Add", [
    f.weight(`${path}.running_var`),
    graph.scalar(f.architecture.config.norm_eps),
  ]);
  const factor = graph.op("Div", [f.weight(`${path}.weight`), graph.op("Sqrt", [variance])]);
  const shift = graph.op("Sub", [
    f.weight(`${path}.bias`),
    graph.op("Mul", [f.weight(`${path}.running_mean`), factor]),
  ]);
  return graph.op("Add", [graph.op("Mul", [x, factor]), shift], {}, { name: path });
}
