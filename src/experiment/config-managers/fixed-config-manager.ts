import { ExperimentError } from "../errors.ts";
import type { TTMExperimentConfig } from "../schema.ts";
import type { ConfigManager } from "./config-manager.ts";
import { saveYaml } from "./save-yaml.ts";
import { validateConfig } from "./validate-config.ts";

/** Hands on an experiment that a program made itself. */
export class FixedConfigManager implements ConfigManager {
  readonly #config: TTMExperimentConfig;

  constructor(config: TTMExperimentConfig) {
    this.#config = config;
  }

  loadConfig(overrides: readonly string[] = []): TTMExperimentConfig {
    if (overrides.length === 0) return this.#config;
    throw new ExperimentError("EXPERIMENT_BAD_FILE", "a fixed config takes no override words", {
      where: overrides.join(" "),
      fix: "change the object, or use HydraConfigManager",
    });
  }

  validateConfig(value: unknown): TTMExperimentConfig {
    return validateConfig(value);
  }

  async saveConfig(config: TTMExperimentConfig, file: string): Promise<void> {
    await saveYaml(config, file);
  }
}
