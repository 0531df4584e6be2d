import { resolveDevice } from "../runtime/index.ts";
import { type ExperimentTracker, isResearchTracker } from "../tracking/index.ts";
import {
  type Checkpoint,
  type FitResult,
  metricsNamed,
  readCheckpoint,
  type TrainEngine,
  type TrainingCallback,
} from "../train/index.ts";
import { naiveErrors, testErrors, zeroShotErrors } from "./compare-forecasts.ts";
import { comparisonMetrics } from "./comparison-metrics.ts";
import { type UsedWeights, usedWeights } from "./describe-weights.ts";
import { engineNotes, engineSettings } from "./engine-settings.ts";
import { ExperimentError } from "./errors.ts";
import { measureSizes } from "./measure-sizes.ts";
import { lastRecordedStep, type MetricLog, metricLog, metricLogOfResumed } from "./metric-log.ts";
import {
  describeExperiment,
  type PreparedExperiment,
  prepareExperiment,
  startEngine,
} from "./prepare-experiment.ts";
import type { Comparison, ExperimentReporter } from "./reporter.ts";
import { checkpointFile, fingerprintOf, hasCheckpoint } from "./run-checkpoint.ts";
import type { TTMExperimentConfig } from "./schema.ts";
import { clearTrained, trainExperiment } from "./train-experiment.ts";
import { writeRunFiles } from "./write-run-files.ts";

/** Characters that MLflow keeps of a dataset's digest. */
const DIGEST_AT_MOST = 36;

export interface RunExperimentOptions {
  readonly config: TTMExperimentConfig;
  /** The run's folder; it must exist. */
  readonly runDir: string;
  /** Already started; ended by the caller. */
  readonly tracker: ExperimentTracker;
  readonly reporter?: ExperimentReporter;
  readonly signal?: AbortSignal | undefined;
  /** Hooks of the program's own. */
  readonly callbacks?: readonly TrainingCallback[];
  /** Goes on from the folder's checkpoint, to the same bits on the CPU; from the beginning where there is none yet. */
  readonly resume?: boolean;
}

export interface ExperimentResult {
  /** The closing numbers, under the names of `run_summary.json`. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly comparison: Comparison;
  readonly weights: UsedWeights;
  /** The folder of the adapter or the model, null where nothing was trained. */
  readonly modelDir: string | null;
}

/**
 * One experiment from data to saved adapter: zero-shot and naive forecasts first, then training, then the fine-tuned
 * forecast of the whole test split.
 *
 * @throws {ExperimentError} EXPERIMENT_INTERRUPTED once `signal` is aborted; the best epoch so far is saved before
 */
export async function runExperiment(options: RunExperimentOptions): Promise<ExperimentResult> {
  const { config, runDir, reporter = {} } = options;
  const experiment = await prepareExperiment(config, reporter);
  metricsNamed(config.training.metrics, experiment.model.quantiles); // a wrong name is found before anything is computed
  reporter.header?.(await describeExperiment(experiment, runDir));
  await noteDataset(options.tracker, experiment);
  for (const note of await engineNotes(config)) reporter.note?.(note);
  const checkpoint = options.resume ? await storedCheckpoint(experiment, options) : undefined;
  const engine = await startEngine(experiment, checkpoint?.shares ?? (await measureSizes(experiment)));
  try {
    return await withEngine(engine, experiment, { ...options, checkpoint });
  } finally {
    await engine.close();
  }
}

/** The data that the run reads, for trackers that keep it. */
async function noteDataset(tracker: ExperimentTracker, { dataset }: PreparedExperiment): Promise<void> {
  if (!isResearchTracker(tracker)) return;
  const { name, path, sha256, rows } = dataset.source;
  const digest = sha256.slice(0, DIGEST_AT_MOST);
  await tracker.logDataset({ name, digest, context: "training", source: path, profile: { num_rows: rows } });
}

/** Where the run's earlier process left off; undefined where that was before its first checkpoint. */
async function storedCheckpoint(
  experiment: PreparedExperiment,
  { runDir, reporter = {} }: RunExperimentOptions,
): Promise<Checkpoint | undefined> {
  if (!hasCheckpoint(runDir)) {
    reporter.note?.("the run was ended before its first checkpoint: training begins again");
    return undefined;
  }
  const { config } = experiment;
  const { precision } = engineSettings(config, await resolveDevice(config.runtime.device));
  const checkpoint = readCheckpoint(checkpointFile(runDir), fingerprintOf(experiment, precision));
  const { steps, epoch } = checkpoint.progress;
  reporter.note?.(
    `resumed after step ${steps}, in epoch ${Math.min(epoch, experiment.config.training.num_epochs)}`,
  );
  return checkpoint;
}

async function withEngine(
  engine: TrainEngine,
  experiment: PreparedExperiment,
  options: RunExperimentOptions & { readonly checkpoint: Checkpoint | undefined },
): Promise<ExperimentResult> {
  const { config, runDir, tracker, reporter = {}, signal, callbacks = [], checkpoint } = options;
  const log: MetricLog = options.resume ? metricLogOfResumed(tracker, runDir) : metricLog(tracker);
  reporter.phase?.("evaluating the untrained model");
  const naive = naiveErrors(experiment);
  const metrics = metricsNamed(config.training.metrics, experiment.model.quantiles);
  const zeroShot = await zeroShotErrors(engine, experiment, metrics);
  throwIfAborted(signal);
  const trains = config.training.num_epochs > 0;
  await clearTrained(runDir, { keepCheckpoint: checkpoint !== undefined });
  const recordedSteps = options.resume ? lastRecordedStep(runDir) : 0;
  const common = { config, runDir, tracker, log, recordedSteps, reporter, signal, callbacks, checkpoint };
  const trained = trains ? await trainExperiment(engine, experiment, common) : undefined;
  const result = trained?.result;
  const modelDir = trained?.modelDir ?? null;
  if (result?.end === "aborted") throw interrupted(signal);
  reporter.phase?.("evaluating the fine-tuned model");
  const fineTuned = trains ? await testErrors(engine, experiment, metrics) : null;
  const { dataset } = experiment;
  const comparison: Comparison = {
    naive,
    zeroShot,
    fineTuned,
    columns: dataset.targetChannels.map((channel) => dataset.columns[channel] as string),
    seasonLength: dataset.seasonLength,
  };
  const closing = closingMetrics(comparison, experiment, result);
  log(closing, { step: engine.steps });
  await writeRunFiles(runDir, { comparison });
  reporter.comparison?.(comparison);
  const { source } = experiment.model;
  return {
    metrics: closing,
    comparison,
    weights: usedWeights(source),
    modelDir,
  };
}

function closingMetrics(
  comparison: Comparison,
  { trainable }: PreparedExperiment,
  result: FitResult | undefined,
): Record<string, number> {
  return {
    ...comparisonMetrics(comparison),
    best_epoch: result?.bestEpoch ?? 0,
    ...(typeof result?.bestValidationLoss === "number" ? { best_val_loss: result.bestValidationLoss } : {}),
    trainable_parameters: trainable.counts.trainable,
    total_parameters: trainable.counts.total,
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted(signal);
}

function interrupted(signal: AbortSignal | undefined): unknown {
  return signal?.reason instanceof Error
    ? signal.reason
    : new ExperimentError("EXPERIMENT_INTERRUPTED", "the run was interrupted", { fix: "run it again" });
}
