import Table from "cli-table3";
import { noBorders } from "../app/index.ts";
import type { Comparison } from "../experiment/index.ts";

/**
 * The three forecasts side by side: mean errors on the scaled test split, what the model gains over the naive one, and the metrics that
 * were asked for besides.
 */
export function comparisonTable({ naive, zeroShot, fineTuned, seasonLength }: Comparison): string {
  const further = Object.keys(zeroShot.more);
  const table = new Table({
    head: ["test, scaled", "MSE", "MAE", "MSE against naive", ...further],
    colAligns: ["left", "right", "right", "right", ...further.map(() => "right" as const)],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  const against = (mse: number) =>
    `${mse <= naive.mse ? "−" : "+"}${Math.abs(100 * (mse / naive.mse - 1)).toFixed(1)} %`;
  const row = (name: string, { mse, mae, more }: Comparison["zeroShot"]) => [
    name,
    mse.toFixed(6),
    mae.toFixed(6),
    against(mse),
    ...further.map((metric) => (more[metric] ?? Number.NaN).toFixed(6)),
  ];
  table.push([`seasonal naive (season ${seasonLength})`, naive.mse.toFixed(6), naive.mae.toFixed(6), ""]);
  table.push(row("zero-shot", zeroShot));
  if (fineTuned) table.push(row("fine-tuned", fineTuned));
  return table.toString().replace(/ +$/gm, "");
}
