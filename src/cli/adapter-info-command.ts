import Table from "cli-table3";
import { Command, Option } from "clipanion";
import { noBorders } from "../app/index.ts";
import { HydraConfigManager, openAdapter } from "../experiment/index.ts";
import { formatCount } from "./format.ts";

/** `ttm adapter info FOLDER [overrides…]`: what an adapter adapts, and how much of the model it is. */
export class AdapterInfoCommand extends Command {
  static override paths = [["adapter", "info"], ["adapter"]];

  static override usage = Command.Usage({
    description: "the layers, ranks and counts of an adapter",
    details:
      "Takes a run's folder, or an adapter's; a bare adapter's base model is what override words choose.",
    examples: [
      ["of a run", "ttm adapter info experiments/NAME/TIME"],
      ["of a folder that PEFT wrote", "ttm adapter info my-adapter model=ttm_r2 model.path=FOLDER"],
    ],
  });

  json = Option.Boolean("--json", false, { description: "print one JSON object" });
  folder = Option.String({ name: "FOLDER" });
  words = Option.Rest({ name: "key=value" });

  async execute(): Promise<number> {
    const config = this.words.length > 0 ? new HydraConfigManager().loadConfig(this.words) : undefined;
    const { lora } = await openAdapter(this.folder, config);
    const { config: settings, report } = lora;
    if (this.json) {
      this.context.stdout.write(`${JSON.stringify({ config: settings, ...report }, null, 2)}\n`);
      return 0;
    }
    const { trainable, total, percent } = report.counts;
    const table = new Table({
      head: ["layer", "in", "out", "rank", "alpha", "scale"],
      colAligns: ["left", "right", "right", "right", "right", "right"],
      chars: noBorders,
      style: { head: [], border: [], "padding-left": 0, "padding-right": 1 },
    });
    for (const { path, inFeatures, outFeatures, rank, alpha, scale } of report.targets)
      table.push([path, inFeatures, outFeatures, rank, alpha, Number(scale.toPrecision(6))]);
    const whole = report.savedModules.length > 0 ? `, whole: ${report.savedModules.join(", ")}` : "";
    const biases = report.trainedBiases > 0 ? `, ${report.trainedBiases} biases` : "";
    const share = `${formatCount(trainable)} of ${formatCount(total)} values (${percent.toFixed(2)} %)`;
    this.context.stdout.write(`${table.toString().replace(/ +$/gm, "")}\n\n${share}${biases}${whole}\n`);
    return 0;
  }
}
