import { existsSync } from "node:fs";
import { Command, Option } from "clipanion";
import {
  comparisonMetrics,
  evaluateExperiment,
  HydraConfigManager,
  openRun,
  type StoredRun,
} from "../experiment/index.ts";
import { comparisonTable } from "./comparison-table.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** `ttm evaluate [RUN | overrides…]`: errors on the test split, without training and without a run's folder. */
export class EvaluateCommand extends Command {
  static override paths = [["evaluate"]];

  static override usage = Command.Usage({
    description: "errors of the forecasts on the whole test split",
    details:
      "With override words: of the model that they choose, untrained. With a run's folder: of that run's fine-tuned model, too.",
    examples: [
      ["a model on a dataset", "ttm evaluate model=ttm_r2 model.path=FOLDER data=ett_h1"],
      ["a finished run", "ttm evaluate experiments/NAME/TIME"],
    ],
  });

  json = Option.Boolean("--json", false, {
    description: "print one JSON object and nothing else on standard output",
  });
  words = Option.Rest();

  async execute(): Promise<number> {
    const reporter = new TerminalReporter({ stream: process.stderr });
    const comparison = await evaluateExperiment(this.#run(), reporter).finally(() => reporter.close());
    this.context.stdout.write(
      this.json
        ? `${JSON.stringify(comparisonMetrics(comparison), null, 2)}\n`
        : `\n${comparisonTable(comparison)}\n`,
    );
    return 0;
  }

  #run(): StoredRun {
    const [first, ...more] = this.words;
    if (first !== undefined && more.length === 0 && !first.includes("=") && existsSync(first))
      return openRun(first);
    return { config: new HydraConfigManager().loadConfig(this.words), modelDir: null };
  }
}
