import { z } from "zod";
import { meanAbsoluteScaledError, pointMetrics, quantileMetrics } from "../../src/train/index.ts";
import { type GoldenCase, type ReplayResult, readCase, replay } from "./case.ts";
import { numbers } from "./case-loss.ts";

const facts = z.looseObject({
  season: z.int(),
  levels: z.array(z.number()),
  values: z.record(z.string(), z.union([z.number(), z.array(z.number())])),
  tolerance: z.number(),
});

/** Replays a golden of kind `metrics`: every value that the case states, by its relative error. */
export async function replayMetrics(caseFolder: string): Promise<ReplayResult> {
  const golden = await readCase(caseFolder);
  return replay(async () => {
    const { values, tolerance, season, levels } = facts.parse(golden);
    const got = metricsOf(golden, season, levels);
    return Object.entries(values).flatMap(([name, expected]) =>
      compareValue(name, expected, got[name], tolerance),
    );
  });
}

type Value = number | readonly number[];

function metricsOf(golden: GoldenCase, season: number, levels: readonly number[]): Record<string, Value> {
  const input = (name: string) => numbers(golden.tensors.get(`input.${name}`));
  const [windows = 0, steps = 0, channels = 0] = golden.tensors.get("input.target")?.shape ?? [];
  const [predictions, target, history] = [input("prediction"), input("target"), input("insample")];
  const forecasts = { windows, steps, channels, predictions, target };
  const { r2PerChannel, ...points } = pointMetrics(forecasts);
  const { crps, weightedLoss, ...quantiles } = quantileMetrics({
    quantiles: input("quantiles"),
    target,
    levels,
  });
  return {
    ...points,
    ...quantiles,
    r2_per_channel: r2PerChannel,
    mase: meanAbsoluteScaledError({ ...forecasts, history, season }),
    crps_quantiles: crps,
    wql: weightedLoss,
  };
}

function compareValue(name: string, expected: Value, got: Value | undefined, tolerance: number): string[] {
  if (got === undefined) return [`expected ${name}, got nothing`];
  const [wanted, found] = [[expected].flat(), [got].flat()];
  const holds =
    wanted.length === found.length &&
    wanted.every((value, index) => Math.abs(Number(found[index]) - value) <= tolerance * Math.abs(value));
  return holds ? [] : [`${name}: expected ${wanted.join(", ")}, got ${found.join(", ")}`];
}
