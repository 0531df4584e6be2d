import { type App, defineApp } from "../app/index.ts";
import type { TTMExperimentConfig } from "../experiment/index.ts";
import { sweepTable } from "./sweep-table.ts";
import { version } from "./version.ts";

/**
 * `ttm` as an app of its own framework: the config folder, the schema, and what a job does. The learning half is loaded by the
 * commands that use it, so that `--help` and `--cfg` answer at once.
 */
export function ttmApp(): App {
  return defineApp(
    {
      name: "ttm",
      configDir: new URL("../../conf", import.meta.url),
      configName: "config",
      commands: ["evaluate", "sync"],
      schema: async () => (await import("../experiment/index.ts")).experimentSchema,
      version,
      summarize: sweepTable,
      aroundSweep: async (sweep) => (await import("./record-sweep-run.ts")).recordSweepRun(sweep),
    },
    async (config: TTMExperimentConfig, context) =>
      (await import("./train-job.ts")).trainJob(config, context),
  );
}
