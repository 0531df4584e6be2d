import { TrackingError } from "./errors.ts";
import type {
  ExperimentEnd,
  ExperimentStart,
  LoggedDataset,
  LoggedModel,
  MetricMoment,
  ResearchTracker,
  TensorValues,
} from "./experiment-tracker.ts";
import type { FollowedRun, Follower, FollowerReport } from "./follower.ts";
import type { FsyncPolicy } from "./journal/journal-writer.ts";
import { JournaledRun } from "./journaled-run.ts";
import type { RunRecorder } from "./run/run-recorder.ts";
import { asTtmError, type OnWarning, printWarning, warnSafely } from "./warnings.ts";

export interface JournaledTrackerOptions {
  /** Called with what went wrong while training goes on; prints on standard error when left out. */
  readonly onWarning?: OnWarning;
  /** When the disk is asked to keep the journal; `interval` (once a second) when left out. */
  readonly fsync?: FsyncPolicy;
  /** How often CPU, memory, disk, network and GPUs are sampled, in seconds; 0, never, when left out. */
  readonly systemMetricsSeconds?: number;
  /** Called at the end of a run with what each remote has got. */
  readonly onReport?: OnReport;
}

export type OnReport = (reports: readonly FollowerReport[]) => void;

/**
 * Base of the trackers whose calls go to a local journal first. A subclass says where the journal lies and which followers read it;
 * a composite asks the same of its children and keeps one journal for all.
 */
export abstract class JournaledTracker implements ResearchTracker {
  readonly onWarning: OnWarning;
  readonly fsync: FsyncPolicy;
  readonly systemMetricsSeconds: number;
  readonly #onReport: OnReport | undefined;
  #run: JournaledRun | undefined;
  #warnedIdle = false;

  constructor(options: JournaledTrackerOptions = {}) {
    this.onWarning = options.onWarning ?? printWarning;
    this.fsync = options.fsync ?? "interval";
    this.systemMetricsSeconds = options.systemMetricsSeconds ?? 0;
    this.#onReport = options.onReport;
  }

  /** Whether the readable files belong to it. */
  abstract readonly readable: boolean;
  /** Where it keeps its journal when it is used alone. */
  abstract journalPath(runDir: string): string;
  /** The followers that feed its remote. */
  abstract follow(run: FollowedRun): readonly Follower[];

  async startExperiment(experiment: ExperimentStart): Promise<{ runId: string }> {
    if (this.#run !== undefined) {
      const where = this.#run.recorder.runDir;
      throw new TrackingError("TRACKING_ALREADY_STARTED", "this tracker records a run already", {
        where,
        fix: "call endExperiment first",
      });
    }
    const journalPath = this.journalPath(experiment.runDir);
    const { readable, fsync, onWarning, systemMetricsSeconds } = this;
    const options = { journalPath, readable, fsync, onWarning, systemMetricsSeconds };
    const run = await JournaledRun.start(experiment, options, [(it) => this.follow(it)]);
    this.#run = run;
    return { runId: run.recorder.runId };
  }

  async logParams(params: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#record((recorder) => recorder.logParams(params));
  }

  logMetrics(metrics: Readonly<Record<string, number>>, at: MetricMoment = {}): void {
    try {
      this.#recorder()?.logMetrics(metrics, at);
    } catch (fault) {
      warnSafely(this.onWarning, asTtmError(fault, "TRACKING_BAD_VALUE", "metrics could not be recorded"));
    }
  }

  async setTags(tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#record((recorder) => recorder.setTags(tags));
  }

  async logArtifact(path: string, artifactPath?: string): Promise<void> {
    await this.#record((recorder) => recorder.logArtifact(path, artifactPath));
  }

  async logModel(model: LoggedModel): Promise<void> {
    await this.#record((recorder) => recorder.logModel(model));
  }

  async logDataset(dataset: LoggedDataset): Promise<void> {
    await this.#record((recorder) => recorder.logDataset(dataset));
  }

  logGradients(gradients: Readonly<Record<string, TensorValues>>, at: MetricMoment = {}): boolean {
    return this.#histograms((recorder) => recorder.logHistograms("gradients", gradients, at));
  }

  logAttentionWeights(
    weights: Readonly<Record<string, TensorValues>> | null,
    at: MetricMoment = {},
  ): boolean {
    return this.#histograms((recorder) => recorder.logAttention(weights, at));
  }

  async endExperiment(end: ExperimentEnd): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    try {
      const reports = await run.end(end);
      this.#onReport?.(reports);
    } catch (fault) {
      warnSafely(this.onWarning, asTtmError(fault, "TRACKING_DISK", "the run's end could not be recorded"));
    }
  }

  #histograms(work: (recorder: RunRecorder) => boolean): boolean {
    try {
      const recorder = this.#recorder();
      return recorder !== undefined && work(recorder);
    } catch (fault) {
      warnSafely(this.onWarning, asTtmError(fault, "TRACKING_BAD_VALUE", "histograms could not be recorded"));
      return false;
    }
  }

  async #record(work: (recorder: RunRecorder) => void | Promise<void>): Promise<void> {
    try {
      const recorder = this.#recorder();
      if (recorder !== undefined) await work(recorder);
    } catch (fault) {
      warnSafely(this.onWarning, asTtmError(fault, "TRACKING_DISK", "something could not be recorded"));
    }
  }

  #recorder(): RunRecorder | undefined {
    if (this.#run !== undefined) return this.#run.recorder;
    if (!this.#warnedIdle) {
      this.#warnedIdle = true;
      const what = "nothing is recorded: no run has been started";
      warnSafely(
        this.onWarning,
        new TrackingError("TRACKING_NOT_STARTED", what, { fix: "call startExperiment first" }),
      );
    }
    return undefined;
  }
}
