import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TtmError } from "../core/index.ts";
import { type ExperimentEnd, type ExperimentTracker, redactKeys } from "../tracking/index.ts";
import type { TrainingCallback } from "../train/index.ts";
import { claimRunFolder } from "./claim-run-folder.ts";
import type { ConfigManager } from "./config-managers/config-manager.ts";
import { isPretraining, runPretraining } from "./pretrain/run-pretraining.ts";
import { withRegisteredModel } from "./registered-model.ts";
import type { ExperimentReporter } from "./reporter.ts";
import { checkpointFile } from "./run-checkpoint.ts";
import { type ExperimentResult, type RunExperimentOptions, runExperiment } from "./run-experiment.ts";
import type { TTMExperimentConfig } from "./schema.ts";
import { withRunFiles } from "./with-run-files.ts";
import { writeJson } from "./write-run-files.ts";

/** The trainer's parts. All are injected; another tracker or manager is a change of one line. */
export interface TTMTrainerOptions {
  readonly configManager: ConfigManager;
  /** Records the run. The run's folder holds its files whatever the tracker; left out, only they are written. */
  readonly experimentTracker?: ExperimentTracker;
  /** Override words for the config manager, such as `training.num_epochs=1`. */
  readonly overrides?: readonly string[];
  /** Told what happens, for a terminal or a page. */
  readonly reporter?: ExperimentReporter;
  /** Once aborted, training ends after the current step and the run is recorded as killed. */
  readonly signal?: AbortSignal;
  /** A folder that is this run's alone, made where it is not there; left out, the config manager chooses it. */
  readonly runDir?: string;
  readonly runName?: string;
  /** Further tags of the run. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Hooks into training, called with those of `training.callbacks`. */
  readonly callbacks?: readonly TrainingCallback[];
  /**
   * Goes on with the run whose folder `runDir` is: from its checkpoint to the losses and weights, bit for bit on the CPU, that it would
   * have had without the break. The config must train the same; trackers go on with the same run.
   */
  readonly resume?: boolean;
  /** The run of the sweep that this run belongs to. */
  readonly parentRunId?: string | null;
}

export interface TrainingRun extends ExperimentResult {
  readonly runId: string;
  /** Absolute. */
  readonly runDir: string;
  readonly config: TTMExperimentConfig;
}

/**
 * Fine-tunes a forecasting model as a config says, and records the run.
 *
 *     const trainer = new TTMTrainer({
 *       configManager: new HydraConfigManager({ configDir: "conf", configName: "config" }),
 *       experimentTracker: new MLflowExperimentTracker("http://127.0.0.1:5556"),
 *       overrides: ["training.num_epochs=1"],
 *     });
 *     const { runId, metrics } = await trainer.train();
 */
export class TTMTrainer {
  readonly #options: TTMTrainerOptions;

  constructor(options: TTMTrainerOptions) {
    this.#options = options;
  }

  /**
   * Runs the experiment from data to saved adapter.
   *
   * @throws {TtmError} what stopped it; the run is recorded as failed or killed before
   */
  async train(): Promise<TrainingRun> {
    const { configManager, overrides = [], runDir } = this.#options;
    const config = await withRegisteredModel(await configManager.loadConfig(overrides));
    const folder = runDir
      ? { dir: resolve(runDir), release: () => {} }
      : (configManager.openRunFolder?.(config) ?? claimRunFolder(config));
    try {
      return await this.#record(config, folder.dir);
    } finally {
      folder.release();
    }
  }

  async #record(config: TTMExperimentConfig, runDir: string): Promise<TrainingRun> {
    const { runName, tags = {}, parentRunId = null, reporter, signal, callbacks } = this.#options;
    const { resume = false } = this.#options;
    const tracker = withRunFiles(this.#options.experimentTracker);
    await mkdir(runDir, { recursive: true });
    const configFile = join(runDir, "config.json");
    if (!resume || !existsSync(configFile))
      await writeJson(configFile, redactKeys(withAbsolutePaths(config)));
    const { runId } = await tracker.startExperiment({
      experimentName: config.experiment_name,
      runDir,
      tags,
      parentRunId,
      ...(runName === undefined ? {} : { runName }),
    });
    try {
      // a run's params are recorded once: a server refuses others later on
      if (!resume || !existsSync(join(runDir, "params.json"))) await tracker.logParams(config);
      const result = await runEither({
        config,
        runDir,
        tracker,
        signal,
        resume,
        ...(callbacks ? { callbacks } : {}),
        ...(reporter ? { reporter } : {}),
      });
      await tracker.logArtifact(configFile);
      await tracker.endExperiment({
        status: "completed",
        summary: { metrics: result.metrics, weights: result.weights },
      });
      await rm(checkpointFile(runDir), { force: true });
      return { ...result, runId, runDir, config };
    } catch (error) {
      await Promise.resolve(tracker.endExperiment(failedEnd(error, signal))).catch(() => undefined);
      throw error;
    }
  }
}

/** The config as it can be read from any folder later on. */
function withAbsolutePaths(config: TTMExperimentConfig): TTMExperimentConfig {
  const absolute = (path: string | null) => (path === null || path.includes("://") ? path : resolve(path));
  return {
    ...config,
    model: { ...config.model, path: absolute(config.model.path) },
    data: { ...config.data, path: absolute(config.data.path) },
  };
}

function failedEnd(error: unknown, signal: AbortSignal | undefined): ExperimentEnd {
  if (signal?.aborted) return { status: "killed" };
  const message = error instanceof Error ? error.message : String(error);
  return {
    status: "failed",
    error: error instanceof TtmError ? { code: error.code, message } : { message },
  };
}

function runEither({ config, ...more }: RunExperimentOptions): Promise<ExperimentResult> {
  return isPretraining(config) ? runPretraining({ config, ...more }) : runExperiment({ config, ...more });
}
