import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, Option } from "clipanion";
import { type ConfigManager, SimpleConfigManager, TTMTrainer, withInterrupts } from "../experiment/index.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** `ttm --config FILE --experiment-dir DIR`: trains from one plain YAML file, without composition. */
export class PlainCommand extends Command {
  static override paths = [Command.Default];

  static override usage = Command.Usage({
    description: "train from one plain YAML file, without composition",
    examples: [["one file, runs below a folder", "ttm --config my.yaml --experiment-dir runs"]],
  });

  config = Option.String("--config", { required: true, description: "the YAML file" });
  experimentDir = Option.String("--experiment-dir", {
    description: "runs go below it; output_dir of the file where left out",
  });
  json = Option.Boolean("--json", false, {
    description: "print run_summary.json on standard output and nothing else",
  });

  async execute(): Promise<number> {
    const reporter = new TerminalReporter({ stream: process.stderr });
    try {
      const { runDir } = await withInterrupts((signal) => {
        return new TTMTrainer({ configManager: this.#configManager(), reporter, signal }).train();
      });
      if (this.json) this.context.stdout.write(readFileSync(join(runDir, "run_summary.json"), "utf8"));
      process.stderr.write(`run         ${relative(process.cwd(), runDir)}\n`);
      return 0;
    } finally {
      reporter.close();
    }
  }

  #configManager(): ConfigManager {
    const manager = new SimpleConfigManager(this.config);
    const dir = this.experimentDir;
    if (dir === undefined) return manager;
    return {
      loadConfig: () => ({ ...manager.loadConfig(), output_dir: dir }),
      validateConfig: (value) => manager.validateConfig(value),
      saveConfig: (config, file) => manager.saveConfig(config, file),
    };
  }
}
