import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type App, defineApp, type JobContext } from "../app/index.ts";
import {
  experimentSchema,
  FixedConfigManager,
  packagedConfigDir,
  type TTMExperimentConfig,
  TTMTrainer,
} from "../experiment/index.ts";
import { createTracker } from "../tracking/index.ts";
import { both } from "./both-reporters.ts";
import { LogReporter } from "./log-reporter.ts";
import { TerminalReporter } from "./terminal-reporter.ts";
import { version } from "./version.ts";

/** `ttm` as an app of its own framework: the config folder, the schema, and what a job does. */
export function ttmApp(): App {
  return defineApp(
    { name: "ttm", configDir: packagedConfigDir, configName: "config", schema: experimentSchema, version },
    trainJob,
  );
}

/** One job: trains, and returns the numbers that a sweep compares. */
async function trainJob(config: TTMExperimentConfig, context: JobContext): Promise<Record<string, number>> {
  const terminal = new TerminalReporter({ stream: process.stderr });
  const reporter = both(terminal, new LogReporter(context.log));
  try {
    const trainer = new TTMTrainer({
      configManager: new FixedConfigManager(config),
      experimentTracker: createTracker(config.tracker, {
        onWarning: (warning) => reporter.note?.(warning.message),
      }),
      reporter,
      signal: context.signal,
      runDir: context.outputDir,
    });
    const { metrics, runDir } = await trainer.train();
    announce(context, runDir);
    return comparedMetrics(metrics);
  } finally {
    terminal.close();
  }
}

function announce(context: JobContext, runDir: string): void {
  if (context.json) context.print(readFileSync(join(runDir, "run_summary.json"), "utf8"));
  const folder = relative(process.cwd(), runDir) || ".";
  process.stderr.write(`run         ${folder}\nnext        ttm evaluate ${folder}\n`);
}

/** The columns of a sweep's table. */
function comparedMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const names = ["test_mse", "test_mae", "zero_shot_test_mse", "naive_test_mse", "best_epoch"];
  return Object.fromEntries(names.map((name) => [name, metrics[name] ?? Number.NaN]));
}
