import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import type { ForecastErrors } from "../train/index.ts";
import type { Comparison } from "./reporter.ts";

export interface RunFiles {
  readonly comparison: Comparison;
}

/** `evaluation.json`: the three forecasts' errors on the scaled test split, in all and per channel. */
export async function writeRunFiles(runDir: string, { comparison }: RunFiles): Promise<void> {
  const { naive, zeroShot, fineTuned, columns, seasonLength } = comparison;
  const described = (errors: ForecastErrors) => ({
    mse: errors.mse,
    mae: errors.mae,
    per_channel: Object.fromEntries(
      columns.map((column, index) => [
        column,
        { mse: errors.msePerChannel[index], mae: errors.maePerChannel[index] },
      ]),
    ),
  });
  await writeJson(join(runDir, "evaluation.json"), {
    split: "test",
    units: "scaled by the train part's mean and deviation",
    naive: { season_length: seasonLength, ...described(naive) },
    zero_shot: { ...described(zeroShot), ...zeroShot.more },
    fine_tuned: fineTuned && { ...described(fineTuned), ...fineTuned.more },
  });
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
