import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { TrackingError } from "../errors.ts";
import {
  type ExperimentEnd,
  type ExperimentStart,
  type ExperimentTracker,
  isResearchTracker,
  type LoggedDataset,
  type LoggedModel,
  type MetricMoment,
  type ResearchTracker,
  type TensorValues,
} from "../experiment-tracker.ts";
import { JournaledRun } from "../journaled-run.ts";
import { JournaledTracker, type OnReport } from "../journaled-tracker.ts";
import { RunRecorder } from "../run/run-recorder.ts";
import { asTtmError, type OnWarning, printWarning, warnSafely } from "../warnings.ts";
import { ChildQueue } from "./child-queue.ts";

export interface CompositeTrackerOptions {
  /** Called with what went wrong while training goes on; prints on standard error when left out. */
  readonly onWarning?: OnWarning;
  /** How long `endExperiment` waits for children that keep no journal, in seconds; 30 when left out. */
  readonly deadlineSeconds?: number;
  /** How often the machine is sampled, in seconds; what the children ask for when left out. */
  readonly systemMetricsSeconds?: number;
  /** Called at the end of a run with what each remote has got. */
  readonly onReport?: OnReport;
}

const DEFAULT_DEADLINE_SECONDS = 30;

interface Running {
  readonly journaled: JournaledRun | undefined;
  readonly queues: readonly ChildQueue[];
}

/**
 * Several trackers as one. Those that keep a journal share one, written once, each behind its own cursor; any other tracker gets its calls
 * through a queue of its own. A child that is slow, fails or throws delays no other and ends nothing: it is warned of.
 *
 *     new CompositeTracker([new SimpleExperimentTracker(), new MLflowExperimentTracker("http://127.0.0.1:5000")])
 */
export class CompositeTracker implements ResearchTracker {
  /** The trackers in it; those of a composite among them stand for themselves. */
  readonly children: readonly ExperimentTracker[];
  readonly #journaled: readonly JournaledTracker[];
  readonly #others: readonly ExperimentTracker[];
  readonly #onWarning: OnWarning;
  readonly #deadlineMilliseconds: number;
  readonly #systemMetricsSeconds: number;
  readonly #onReport: OnReport | undefined;
  #running: Running | undefined;
  #warnedIdle = false;

  constructor(children: readonly ExperimentTracker[], options: CompositeTrackerOptions = {}) {
    this.children = children.flatMap((child) =>
      child instanceof CompositeTracker ? child.children : [child],
    );
    this.#journaled = this.children.filter((child) => child instanceof JournaledTracker);
    this.#others = this.children.filter((child) => !(child instanceof JournaledTracker));
    this.#onWarning = options.onWarning ?? printWarning;
    this.#systemMetricsSeconds =
      options.systemMetricsSeconds ??
      Math.max(0, ...this.#journaled.map((child) => child.systemMetricsSeconds));
    this.#onReport = options.onReport;
    this.#deadlineMilliseconds = 1_000 * (options.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS);
  }

  /** @throws {TrackingError} when no child at all can record the run */
  async startExperiment(experiment: ExperimentStart): Promise<{ runId: string }> {
    if (this.#running !== undefined) {
      throw new TrackingError("TRACKING_ALREADY_STARTED", "this tracker records a run already", {
        fix: "call endExperiment first",
      });
    }
    const start = { ...experiment, startedAt: experiment.startedAt ?? Date.now() };
    const journaled = await this.#startJournaled(start);
    const runId = journaled?.recorder.runId ?? start.runId ?? randomUUID().replaceAll("-", "");
    const queues = this.#others.map((child) => new ChildQueue(child, this.#onWarning));
    for (const queue of queues)
      queue.push("startExperiment", (child) => child.startExperiment({ ...start, runId }));
    this.#running = { journaled, queues };
    return { runId };
  }

  async logParams(params: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#record("logParams", (tracker) => tracker.logParams(params));
  }

  logMetrics(metrics: Readonly<Record<string, number>>, at: MetricMoment = {}): void {
    const running = this.#current();
    if (running === undefined) return;
    // One time for all children: a point must be the same point everywhere.
    const moment = { ...at, time: at.time ?? Date.now() };
    try {
      running.journaled?.recorder.logMetrics(metrics, moment);
    } catch (fault) {
      warnSafely(this.#onWarning, asTtmError(fault, "TRACKING_BAD_VALUE", "metrics could not be recorded"));
    }
    if (running.queues.length === 0) return;
    const kept = { ...metrics };
    for (const queue of running.queues) queue.push("logMetrics", (child) => child.logMetrics(kept, moment));
  }

  async setTags(tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#record("setTags", (tracker) => tracker.setTags(tags));
  }

  async logArtifact(path: string, artifactPath?: string): Promise<void> {
    await this.#record("logArtifact", (tracker) => tracker.logArtifact(path, artifactPath));
  }

  async logModel(model: LoggedModel): Promise<void> {
    await this.#record("logModel", (tracker) => tracker.logModel(model));
  }

  async logDataset(dataset: LoggedDataset): Promise<void> {
    await this.#record("logDataset", (tracker) => {
      if (tracker instanceof RunRecorder || isResearchTracker(tracker)) return tracker.logDataset(dataset);
    });
  }

  logGradients(gradients: Readonly<Record<string, TensorValues>>, at: MetricMoment = {}): boolean {
    return this.#histograms(
      (recorder) => recorder.logHistograms("gradients", gradients, at),
      (child) => child.logGradients(gradients, at),
    );
  }

  logAttentionWeights(
    weights: Readonly<Record<string, TensorValues>> | null,
    at: MetricMoment = {},
  ): boolean {
    return this.#histograms(
      (recorder) => recorder.logAttention(weights, at),
      (child) => child.logAttentionWeights(weights, at),
    );
  }

  async endExperiment(end: ExperimentEnd): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const last = { ...end, endedAt: end.endedAt ?? Date.now() };
    for (const queue of running.queues) queue.push("endExperiment", (child) => child.endExperiment(last));
    await Promise.all([
      this.#endJournaled(running.journaled, last),
      ...running.queues.map((queue) => queue.finish(this.#deadlineMilliseconds)),
    ]);
  }

  /** Tensors change from step to step, so that a child gets them at once, not through its queue. */
  #histograms(
    record: (recorder: RunRecorder) => boolean,
    call: (child: ResearchTracker) => boolean,
  ): boolean {
    const running = this.#current();
    if (running === undefined) return false;
    const works = [
      ...(running.journaled === undefined ? [] : [record.bind(undefined, running.journaled.recorder)]),
      ...this.#others.filter(isResearchTracker).map((child) => call.bind(undefined, child)),
    ];
    const kept = works.map((work) => {
      try {
        return work();
      } catch (fault) {
        const warning = asTtmError(fault, "TRACKING_CHILD_FAILED", "histograms could not be recorded");
        warnSafely(this.#onWarning, warning);
        return false;
      }
    });
    return kept.includes(true);
  }

  async #startJournaled(start: ExperimentStart): Promise<JournaledRun | undefined> {
    const [first] = this.#journaled;
    if (first === undefined) return undefined;
    const keeper = this.#journaled.find((child) => child.readable);
    const only = this.#journaled.length === 1 ? first : keeper;
    const options = {
      journalPath: only?.journalPath(start.runDir) ?? join(start.runDir, "journal.jsonl"),
      readable: keeper !== undefined,
      fsync: (keeper ?? first).fsync,
      onWarning: this.#onWarning,
      systemMetricsSeconds: this.#systemMetricsSeconds,
    };
    const follow = this.#journaled.map(
      (child) => (run: Parameters<typeof child.follow>[0]) => child.follow(run),
    );
    try {
      return await JournaledRun.start(start, options, follow);
    } catch (fault) {
      if (this.#others.length === 0) throw fault;
      warnSafely(
        this.#onWarning,
        asTtmError(fault, "TRACKING_CHILD_FAILED", "the run's journal cannot be kept"),
      );
      return undefined;
    }
  }

  async #endJournaled(run: JournaledRun | undefined, end: ExperimentEnd): Promise<void> {
    try {
      const reports = await run?.end(end);
      if (reports !== undefined) this.#onReport?.(reports);
    } catch (fault) {
      warnSafely(this.#onWarning, asTtmError(fault, "TRACKING_DISK", "the run's end could not be recorded"));
    }
  }

  async #record(
    what: string,
    call: (tracker: ExperimentTracker | RunRecorder) => void | Promise<void>,
  ): Promise<void> {
    const running = this.#current();
    if (running === undefined) return;
    for (const queue of running.queues) queue.push(what, call);
    try {
      if (running.journaled !== undefined) await call(running.journaled.recorder);
    } catch (fault) {
      warnSafely(this.#onWarning, asTtmError(fault, "TRACKING_DISK", `${what} could not be recorded`));
    }
  }

  #current(): Running | undefined {
    if (this.#running === undefined && !this.#warnedIdle) {
      this.#warnedIdle = true;
      const what = "nothing is recorded: no run has been started";
      warnSafely(
        this.#onWarning,
        new TrackingError("TRACKING_NOT_STARTED", what, { fix: "call startExperiment first" }),
      );
    }
    return this.#running;
  }
}
