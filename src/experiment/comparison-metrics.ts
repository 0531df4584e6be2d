import type { Comparison } from "./reporter.ts";

/** A comparison under the metric names of `run_summary.json`; `test_…` is the fine-tuned model's, where there is one. */
export function comparisonMetrics({ naive, zeroShot, fineTuned }: Comparison): Record<string, number> {
  const final = fineTuned ?? zeroShot;
  return {
    test_mse: final.mse,
    test_mae: final.mae,
    zero_shot_test_mse: zeroShot.mse,
    zero_shot_test_mae: zeroShot.mae,
    naive_test_mse: naive.mse,
    naive_test_mae: naive.mae,
    ...prefixed("test_", final.more),
    ...prefixed("zero_shot_test_", zeroShot.more),
  };
}

function prefixed(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
