import { resolve } from "node:path";
import { type Composition, compose, validate } from "../../config/index.ts";
import { folderSetting, openOutputFolder, prepareJob } from "../../launch/index.ts";
import { ExperimentError } from "../errors.ts";
import { packagedConfigDir } from "../packaged-config.ts";
import { experimentSchema, type TTMExperimentConfig } from "../schema.ts";
import type { ConfigManager, RunFolder } from "./config-manager.ts";
import { saveYaml } from "./save-yaml.ts";
import { validateConfig } from "./validate-config.ts";

export interface HydraConfigManagerOptions {
  /** The folder of config files; the one that ships with the package where left out. */
  readonly configDir?: string;
  /** The primary config without its ending. */
  readonly configName?: string;
  /** Override words that come before those of `loadConfig`. */
  readonly overrides?: readonly string[];
}

/** Composes experiments from a folder of small YAML files, as Hydra does. */
export class HydraConfigManager implements ConfigManager {
  readonly #options: HydraConfigManagerOptions;
  #composition: Composition | undefined;

  constructor(options: HydraConfigManagerOptions = {}) {
    this.#options = options;
  }

  loadConfig(overrides: readonly string[] = []): TTMExperimentConfig {
    const { configDir = packagedConfigDir, configName = "config", overrides: own = [] } = this.#options;
    const composition = compose({
      configDir: resolve(configDir),
      configName,
      overrides: [...own, ...overrides],
      mode: "RUN",
      job: { name: "ttm" },
    });
    const config = validate(composition, experimentSchema);
    this.#composition = composition;
    return config;
  }

  validateConfig(value: unknown): TTMExperimentConfig {
    return validateConfig(value);
  }

  async saveConfig(config: TTMExperimentConfig, file: string): Promise<void> {
    await saveYaml(config, file);
  }

  openRunFolder(): RunFolder {
    const composition = this.#composition;
    if (!composition) {
      throw new ExperimentError("EXPERIMENT_NOT_LOADED", "no experiment is loaded", {
        fix: "call loadConfig first",
      });
    }
    const folder = openOutputFolder(folderSetting(composition, "run.dir", process.cwd()));
    const { task } = composition.overrides;
    prepareJob(
      { num: null, jobName: "ttm", mode: "RUN", overrides: task, composition, sweep: undefined },
      { outputDir: folder.dir, id: null },
    );
    return folder;
  }
}
