import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, Option } from "clipanion";
import {
  type ConfigManager,
  FixedConfigManager,
  openUnfinishedRun,
  SimpleConfigManager,
  TTMTrainer,
  type TTMTrainerOptions,
  withInterrupts,
} from "../experiment/index.ts";
import { CliError } from "./errors.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/**
 * `ttm --config FILE --experiment-dir DIR`: trains from one plain YAML file, without composition. `ttm --resume DIR` comes here for a
 * run that was started so.
 */
export class PlainCommand extends Command {
  static override paths = [Command.Default];

  static override usage = Command.Usage({
    description: "train from one plain YAML file, without composition",
    examples: [
      ["one file, runs below a folder", "ttm --config my.yaml --experiment-dir runs"],
      ["go on with a run that was broken off", "ttm --resume runs/my/2026-01-31_12-00-00"],
    ],
  });

  config = Option.String("--config", { description: "the YAML file" });
  resume = Option.String("--resume", { description: "the folder of a run to go on with" });
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
        return new TTMTrainer({ ...this.#run(), reporter, signal }).train();
      });
      if (this.json) this.context.stdout.write(readFileSync(join(runDir, "run_summary.json"), "utf8"));
      process.stderr.write(`run         ${relative(process.cwd(), runDir)}\n`);
      return 0;
    } finally {
      reporter.close();
    }
  }

  #run(): Pick<TTMTrainerOptions, "configManager" | "runDir" | "resume"> {
    const { config, resume: runDir } = this;
    if (runDir === undefined) return { configManager: this.#configManager(config ?? "") };
    if (config !== undefined) {
      throw new CliError("CLI_USAGE", "--resume goes on with the config that the run has", {
        where: `ttm --config ${config} --resume ${runDir}`,
        fix: `ttm --resume ${runDir}`,
      });
    }
    return { configManager: new FixedConfigManager(openUnfinishedRun(runDir).config), runDir, resume: true };
  }

  #configManager(file: string): ConfigManager {
    const manager = new SimpleConfigManager(file);
    const dir = this.experimentDir;
    if (dir === undefined) return manager;
    return {
      loadConfig: () => ({ ...manager.loadConfig(), output_dir: dir }),
      validateConfig: (value) => manager.validateConfig(value),
      saveConfig: (config, file) => manager.saveConfig(config, file),
    };
  }
}
