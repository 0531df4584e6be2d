import { type App, type AppOptions, type AppTask, defineApp } from "../app/index.ts";
import type { TTMExperimentConfig } from "../experiment/index.ts";
import { sweepTable } from "./sweep-table.ts";
import { version } from "./version.ts";

/** What a program may put in place of the command's own. */
export interface TtmAppParts {
  /** Training, where it is left out. */
  readonly task?: AppTask<TTMExperimentConfig>;
  readonly launchers?: NonNullable<AppOptions["launchers"]>;
}

/**
 * `ttm` as an app of its own framework: the config folder, the schema, and what a job does. The learning half is loaded by the
 * commands that use it, so that `--help` and `--cfg` answer at once.
 */
export function ttmApp({ task = trainTask, launchers = {} }: TtmAppParts = {}): App {
  return defineApp(
    {
      launchers,
      name: "ttm",
      configDir: new URL("../../conf", import.meta.url),
      configName: "config",
      commands: ["adapter", "evaluate", "export", "find-lr", "models", "pretrain", "runs", "sync"],
      schema: async () => (await import("../experiment/index.ts")).experimentSchema,
      version,
      summarize: sweepTable,
      aroundSweep: async (sweep) => (await import("./record-sweep-run.ts")).recordSweepRun(sweep),
    },
    task,
  );
}

const trainTask: AppTask<TTMExperimentConfig> = async (config, context) =>
  (await import("./train-job.ts")).trainJob(config, context);
