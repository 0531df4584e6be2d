import type { TTMExperimentConfig } from "../schema.ts";

/** A folder that belongs to one run. */
export interface RunFolder {
  /** Absolute. */
  readonly dir: string;
  /** Gives the folder back; called when the run has ended. */
  release(): void;
}

/**
 * Where a program's experiment comes from. Another manager is a change of one line in the user's program.
 *
 *     new TTMTrainer({ configManager: new HydraConfigManager({ configDir: "conf", configName: "config" }), … })
 */
export interface ConfigManager {
  /**
   * The experiment, checked.
   *
   * @param overrides  override words such as `training.num_epochs=1`
   * @throws {TtmError} with the key, the value, what was expected, and the file and line
   */
  loadConfig(overrides?: readonly string[]): TTMExperimentConfig | Promise<TTMExperimentConfig>;
  /** Checks a value from anywhere; returns it typed. */
  validateConfig(value: unknown): TTMExperimentConfig;
  /** Writes an experiment as YAML, so that `loadConfig` of the same manager reads it back. */
  saveConfig(config: TTMExperimentConfig, file: string): Promise<void>;
  /**
   * Makes the folder of a run of the loaded experiment, with what this manager adds to it, such as `.hydra/*.yaml`.
   * Left out: `<output_dir>/<experiment_name>/<time>`.
   */
  openRunFolder?(config: TTMExperimentConfig): RunFolder;
}
