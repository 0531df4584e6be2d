import { readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { JobContext } from "../app/index.ts";
import { FixedConfigManager, sweepRunId, type TTMExperimentConfig, TTMTrainer } from "../experiment/index.ts";
import { createTracker } from "../tracking/index.ts";
import { both } from "./both-reporters.ts";
import { LogReporter } from "./log-reporter.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** One job: trains, and returns the numbers that a sweep compares. */
export async function trainJob(
  config: TTMExperimentConfig,
  context: JobContext,
): Promise<Record<string, number>> {
  const terminal = new TerminalReporter({ stream: process.stderr });
  const reporter = both(terminal, new LogReporter(context.log));
  try {
    const trainer = new TTMTrainer({
      configManager: new FixedConfigManager(config),
      experimentTracker: createTracker(config.tracker, {
        onWarning: (warning) => reporter.warning?.(warning),
      }),
      reporter,
      signal: context.signal,
      runDir: context.outputDir,
      runName: runName(context),
      parentRunId: context.sweep ? sweepRunId(context.sweep.dir) : null,
    });
    const { metrics, runDir } = await trainer.train();
    announce(context, runDir);
    return comparedMetrics(metrics);
  } finally {
    terminal.close();
  }
}

/** A single run is called like its folder, a sweep's by what differs in it. */
function runName({ outputDir, sweep, num }: JobContext): string {
  const values = Object.entries(sweep?.params ?? {}).map(([key, value]) => `${key}=${value}`);
  return sweep ? [`#${num}`, ...values].join(" ") : basename(outputDir);
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
