import { existsSync } from "node:fs";
import { relative } from "node:path";
import { Command, Option } from "clipanion";
import { exportTrainStep, HydraConfigManager, openRun, type StoredRun } from "../experiment/index.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** `ttm export train-step [RUN | overrides…]`: the whole train step as one ONNX graph with a manifest. */
export class ExportCommand extends Command {
  static override paths = [["export", "train-step"]];

  static override usage = Command.Usage({
    description: "write the train step as one ONNX graph that anything can train with",
    details:
      "With override words: of the model and data that they choose. With a run's folder: with that run's config, and from the values that it trained. docs/browser.md shows the rest.",
    examples: [
      ["for a web page", "ttm export train-step model.path=FOLDER --no-dropout --output step"],
      ["from a finished run", "ttm export train-step experiments/NAME/TIME --output step"],
    ],
  });

  output = Option.String("--output", "train-step", { description: "the folder to write to" });
  dropout = Option.Boolean("--dropout", true, {
    description: "--no-dropout leaves dropout out; with it, its masks are inputs of the graph",
  });
  words = Option.Rest();

  async execute(): Promise<number> {
    const reporter = new TerminalReporter({ stream: process.stderr });
    const { output: folder, dropout } = this;
    const written = await exportTrainStep({ ...this.#run(), folder, dropout, reporter }).finally(() =>
      reporter.close(),
    );
    this.context.stdout.write(`${relative(process.cwd(), written) || "."}\n`);
    return 0;
  }

  #run(): StoredRun {
    const [first, ...more] = this.words;
    if (first !== undefined && more.length === 0 && !first.includes("=") && existsSync(first))
      return openRun(first);
    return { config: new HydraConfigManager().loadConfig(this.words), modelDir: null };
  }
}
