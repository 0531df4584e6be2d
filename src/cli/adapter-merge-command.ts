import { relative } from "node:path";
import { Command, Option } from "clipanion";
import { HydraConfigManager, mergeAdapterInto, openAdapter } from "../experiment/index.ts";

/** `ttm adapter merge FOLDER --to FOLDER [overrides…]`: the base with the adapter worked in, as a model of its own. */
export class AdapterMergeCommand extends Command {
  static override paths = [["adapter", "merge"]];

  static override usage = Command.Usage({
    description: "work an adapter into its base model",
    details:
      "Writes config.json and model.safetensors, which model.path takes. Takes a run's folder, or an adapter's; a bare adapter's base model is what override words choose.",
    examples: [["of a run", "ttm adapter merge experiments/NAME/TIME --to merged"]],
  });

  to = Option.String("--to", { required: true, description: "the folder that is written" });
  folder = Option.String({ name: "FOLDER" });
  words = Option.Rest({ name: "key=value" });

  async execute(): Promise<number> {
    const config = this.words.length > 0 ? new HydraConfigManager().loadConfig(this.words) : undefined;
    const selfCheck = await mergeAdapterInto(this.to, await openAdapter(this.folder, config));
    const to = relative(process.cwd(), this.to) || ".";
    this.context.stdout.write(
      `merged      ${to}\nself-check  ${selfCheck.toExponential(1)} (merged layers against base plus adapter)\nnext        ttm evaluate model.path=${to}\n`,
    );
    return 0;
  }
}
