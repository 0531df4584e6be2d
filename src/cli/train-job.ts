import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { JobContext } from "../app/index.ts";
import {
  FixedConfigManager,
  openRun,
  openUnfinishedRun,
  sweepRunId,
  type TrainingCallback,
  type TTMExperimentConfig,
  TTMTrainer,
} from "../experiment/index.ts";
import { createTracker, type FollowerReport } from "../tracking/index.ts";
import { both } from "./both-reporters.ts";
import { LogReporter } from "./log-reporter.ts";
import { reportLine } from "./report-line.ts";
import { sweepJobReporter } from "./sweep-job-reporter.ts";
import { TerminalReporter } from "./terminal-reporter.ts";

/** One job: trains, and returns the numbers that a sweep compares. */
export async function trainJob(
  config: TTMExperimentConfig,
  context: JobContext,
): Promise<Record<string, number>> {
  const terminal = new TerminalReporter({ stream: process.stderr });
  const shown = context.sweep
    ? sweepJobReporter(context.num, (text) => process.stderr.write(text))
    : terminal;
  const reporter = both(shown, new LogReporter(context.log));
  const reports: FollowerReport[] = [];
  try {
    const trainer = new TTMTrainer({
      configManager: new FixedConfigManager(context.resume ? startedWith(config, context) : config),
      experimentTracker: createTracker(config.tracker, {
        onWarning: (warning) => reporter.warning?.(warning),
        onReport: (told) => reports.push(...told),
      }),
      reporter,
      signal: context.signal,
      callbacks: [pruning(context)],
      resume: context.resume,
      runDir: context.outputDir,
      runName: runName(context),
      parentRunId: context.sweep ? sweepRunId(context.sweep.dir) : null,
    });
    const { metrics, runDir } = await trainer.train();
    if (context.sweep === undefined) announce(context, runDir);
    for (const report of reports) announceReport(context, reportLine(report));
    return comparedMetrics(metrics);
  } finally {
    terminal.close();
  }
}

/**
 * The config as the run's first process stored it, with the paths that it had; another folder may be the current one now. A sweep's
 * job may have been completed by a process that died before it could tell.
 */
function startedWith(config: TTMExperimentConfig, { outputDir, sweep }: JobContext): TTMExperimentConfig {
  if (!existsSync(join(outputDir, "config.json"))) return config;
  return (sweep ? openRun(outputDir) : openUnfinishedRun(outputDir)).config;
}

/** Tells the sweep each epoch's validation loss, and ends training where the sweep has seen enough. */
function pruning(context: JobContext): TrainingCallback {
  return {
    evaluation: async ({ loss, epoch }, { stop }) => {
      if ((await context.report(loss, epoch)) === "stop") stop("pruned");
    },
  };
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

function announceReport({ sweep, log }: JobContext, line: string): void {
  if (sweep === undefined) process.stderr.write(`tracker     ${line}\n`);
  else log(`tracker: ${line}`);
}

/** The columns of a sweep's table. */
function comparedMetrics(metrics: Readonly<Record<string, number>>): Record<string, number> {
  const names = [
    "best_val_loss",
    "test_mse",
    "test_mae",
    "zero_shot_test_mse",
    "naive_test_mse",
    "best_epoch",
  ];
  return Object.fromEntries(names.map((name) => [name, metrics[name] ?? Number.NaN]));
}
