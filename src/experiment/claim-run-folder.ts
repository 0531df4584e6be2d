import { resolve } from "node:path";
import { openOutputFolder } from "../launch/index.ts";
import type { RunFolder } from "./config-managers/config-manager.ts";
import type { TTMExperimentConfig } from "./schema.ts";

/** Makes `<output_dir>/<experiment_name>/<time>`, a folder that no other run has. */
export function claimRunFolder(
  config: Pick<TTMExperimentConfig, "output_dir" | "experiment_name">,
): RunFolder {
  const time = new Date().toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-");
  return openOutputFolder({
    path: resolve(config.output_dir, config.experiment_name, time),
    isClocked: true,
  });
}
