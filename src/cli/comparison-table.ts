import Table from "cli-table3";
import { noBorders } from "../app/index.ts";
import type { Comparison } from "../experiment/index.ts";

/** The three forecasts side by side: mean errors on the scaled test split, and what the model gains over the naive one. */
export function comparisonTable({ naive, zeroShot, fineTuned, seasonLength }: Comparison): string {
  const table = new Table({
    head: ["test, scaled", "MSE", "MAE", "MSE against naive"],
    colAligns: ["left", "right", "right", "right"],
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
  });
  const against = (mse: number) =>
    `${mse <= naive.mse ? "−" : "+"}${Math.abs(100 * (mse / naive.mse - 1)).toFixed(1)} %`;
  table.push([`seasonal naive (season ${seasonLength})`, naive.mse.toFixed(6), naive.mae.toFixed(6), ""]);
  table.push(["zero-shot", zeroShot.mse.toFixed(6), zeroShot.mae.toFixed(6), against(zeroShot.mse)]);
  if (fineTuned) {
    table.push(["fine-tuned", fineTuned.mse.toFixed(6), fineTuned.mae.toFixed(6), against(fineTuned.mse)]);
  }
  return table.toString().replace(/ +$/gm, "");
}
