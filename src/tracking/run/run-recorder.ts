import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { TrackingError } from "../errors.ts";
import type {
  ExperimentEnd,
  ExperimentStart,
  LoggedDataset,
  LoggedModel,
  MetricMoment,
  TensorValues,
} from "../experiment-tracker.ts";
import { flattenParams } from "../flatten-params.ts";
import type {
  ArtifactRecord,
  DatasetRecord,
  HistogramRecord,
  MetricsRecord,
  ModelRecord,
} from "../journal/journal-record.ts";
import { type FsyncPolicy, JournalWriter } from "../journal/journal-writer.ts";
import { toJsonValue } from "../json-value.ts";
import { encodeMetric, type MetricText } from "../metric-value.ts";
import { paramTree } from "../param-tree.ts";
import { redactKeys, redactTags, redactText } from "../redact.ts";
import { asTtmError, type OnWarning, warnSafely } from "../warnings.ts";
import { histogramOf } from "./histogram.ts";
import { keepArtifact } from "./keep-artifact.ts";
import { readPast } from "./read-past.ts";
import { ReadableFiles } from "./readable-files.ts";
import { runContext } from "./run-context.ts";

export interface RunRecorderOptions {
  readonly journalPath: string;
  /** Write the readable files too. */
  readonly readable: boolean;
  readonly fsync: FsyncPolicy;
  readonly onWarning: OnWarning;
}

/** Turns the calls of one run into journal records and readable files. */
export class RunRecorder {
  readonly runId: string;
  readonly runDir: string;
  readonly journal: JournalWriter;
  readonly #files: ReadableFiles | undefined;
  readonly #onWarning: OnWarning;
  readonly #warned = new Set<string>();
  #samples: number;
  #notedNoAttention = false;
  /** Records that need the disk first (copies) wait for each other, so that they keep their order. */
  #slow: Promise<void> = Promise.resolve();

  private constructor(
    run: OpenedRun & { readonly runDir: string },
    journal: JournalWriter,
    files: ReadableFiles | undefined,
    onWarning: OnWarning,
  ) {
    this.runId = run.runId;
    this.runDir = run.runDir;
    this.#samples = run.samples;
    this.journal = journal;
    this.#files = files;
    this.#onWarning = onWarning;
    journal.onGrowth(() => files?.flush());
  }

  /**
   * Begins a run, or goes on with the one whose journal is there.
   *
   * @throws {TrackingError} TRACKING_FOLDER, TRACKING_RUN_BUSY, TRACKING_RUN_MISMATCH
   */
  static async open(start: ExperimentStart, options: RunRecorderOptions): Promise<RunRecorder> {
    const onFault = onceOnly((fault) =>
      warnSafely(
        options.onWarning,
        asTtmError(
          fault,
          "TRACKING_DISK",
          "the run's files cannot be written; what is recorded waits in memory",
        ),
      ),
    );
    const journal = await openIn(start.runDir, () =>
      JournalWriter.open(options.journalPath, { fsync: options.fsync, onFault }),
    );
    try {
      const opened = await beginOrResume(journal, start, options.onWarning);
      journal.flush();
      const { runDir } = start;
      const files = options.readable
        ? await ReadableFiles.open({ runDir, journalPath: journal.path, onFault })
        : undefined;
      return new RunRecorder({ ...opened, runDir }, journal, files, options.onWarning);
    } catch (fault) {
      await journal.close();
      throw fault;
    }
  }

  async logParams(params: Readonly<Record<string, unknown>>): Promise<void> {
    const kept = redactKeys(params);
    const values = flattenParams(redactKeys(flattenParams(kept)));
    const tree = paramTree(kept);
    this.journal.append({
      type: "params",
      time: Date.now(),
      values,
      ...(tree === undefined ? {} : { tree }),
    });
    await this.#files?.addParams(values);
  }

  logMetrics(metrics: Readonly<Record<string, number>>, at: MetricMoment): void {
    const values: Record<string, MetricText> = {};
    let some = false;
    for (const [name, value] of Object.entries(metrics)) {
      if (typeof value !== "number" || name === "") {
        this.#warnOnce(`metric ${name}`, badValue(`metric '${name}' is ${typeof value}, not a number`));
        continue;
      }
      values[name] = encodeMetric(value);
      some = true;
    }
    if (!some) return;
    const record: MetricsRecord = { type: "metrics", time: wholeTime(at.time), ...this.#steps(at), values };
    this.journal.append(record);
    this.#files?.addMetrics(record);
  }

  /** A sample of the machine's state. */
  logSystem(values: Readonly<Record<string, number>>): void {
    this.journal.append({ type: "system", time: Date.now(), step: this.#samples, values });
    this.#samples += 1;
  }

  /** Histograms of tensors, as `<prefix>/<name>`; empty ones are left out. Returns whether there was any. */
  logHistograms(prefix: string, tensors: Readonly<Record<string, TensorValues>>, at: MetricMoment): boolean {
    let some = false;
    for (const [name, values] of Object.entries(tensors)) {
      const histogram = histogramOf(values);
      if (histogram === undefined) continue;
      const record: HistogramRecord = {
        type: "histogram",
        time: wholeTime(at.time),
        ...this.#steps(at),
        name: `${prefix}/${name}`,
        ...histogram,
      };
      this.journal.append(record);
      some = true;
    }
    return some;
  }

  /** Histograms of attention weights; a model that has none hands over null, which is noted once as a tag. */
  logAttention(weights: Readonly<Record<string, TensorValues>> | null, at: MetricMoment): boolean {
    if (weights !== null) return this.logHistograms("attention", weights, at);
    if (!this.#notedNoAttention) this.setTags({ attention: "none" });
    this.#notedNoAttention = true;
    return false;
  }

  logDataset(dataset: LoggedDataset): void {
    const { name, digest, context, source, sourceType = "local", schema, profile } = dataset;
    const record: DatasetRecord = {
      type: "dataset",
      time: Date.now(),
      name,
      digest,
      ...(context === undefined ? {} : { context }),
      source_type: sourceType,
      source: redactText(source),
      ...(schema === undefined ? {} : { schema: toJsonValue(schema) }),
      ...(profile === undefined ? {} : { profile: toJsonValue(profile) }),
    };
    this.journal.append(record);
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    const values = redactTags(tags);
    this.journal.append({ type: "tags", time: Date.now(), values });
    this.#files?.addTags(values);
  }

  logArtifact(path: string, artifactPath?: string): Promise<void> {
    return this.#inOrder(async () => {
      const kept = await keepArtifact(this.runDir, path, artifactPath);
      const record: ArtifactRecord = { type: "artifact", time: Date.now(), ...kept };
      this.journal.append(record);
    });
  }

  logModel(model: LoggedModel): Promise<void> {
    return this.#inOrder(async () => {
      const { path, folder } = await keepArtifact(this.runDir, model.path, undefined);
      const { name } = model;
      const record: ModelRecord = {
        type: "model",
        time: Date.now(),
        name,
        path,
        folder,
        info: toJsonValue(redactKeys(model.info)),
      };
      this.journal.append(record);
      await this.#files?.addModel(record);
    });
  }

  /** Records the end and closes the files; what the followers have not read yet stays in the journal. */
  async end(end: ExperimentEnd): Promise<void> {
    await this.#slow;
    const { status, error, summary, endedAt } = end;
    const record = {
      type: "end" as const,
      time: wholeTime(endedAt),
      status,
      ...(error === undefined ? {} : { error: { ...error, message: redactText(error.message) } }),
      ...(summary === undefined ? {} : { summary: toJsonValue(redactKeys(summary)) }),
    };
    this.journal.append(record);
    await this.#files?.writeSummary(record);
    await this.journal.close();
    this.#files?.close();
    if (this.journal.dropped > 0) {
      const what = `${this.journal.dropped} records were lost: the disk stayed full until there was no room in memory either`;
      warnSafely(
        this.#onWarning,
        new TrackingError("TRACKING_DISK", what, { where: this.journal.path, fix: "free some space" }),
      );
    }
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    this.#slow = this.#slow.then(work).catch((fault: unknown) => {
      warnSafely(this.#onWarning, asTtmError(fault, "TRACKING_DISK", "an artifact could not be kept"));
    });
    return this.#slow;
  }

  #steps(at: MetricMoment): { step: number; epoch?: number } {
    const step = Math.round(at.step ?? 0);
    if (!Number.isSafeInteger(step))
      this.#warnOnce("step", badValue(`step ${at.step} is no whole number; 0 is recorded`));
    const whole = Number.isSafeInteger(step) ? step + 0 : 0;
    return at.epoch === undefined || !Number.isFinite(at.epoch)
      ? { step: whole }
      : { step: whole, epoch: at.epoch };
  }

  #warnOnce(key: string, warning: TrackingError): void {
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    warnSafely(this.#onWarning, warning);
  }
}

async function openIn(runDir: string, open: () => Promise<JournalWriter>): Promise<JournalWriter> {
  try {
    await mkdir(runDir, { recursive: true });
    return await open();
  } catch (cause) {
    if (cause instanceof TrackingError) throw cause;
    const fix = "choose a folder that can be written (output_dir)";
    throw new TrackingError("TRACKING_FOLDER", `the run folder cannot be written: ${String(cause)}`, {
      where: runDir,
      fix,
      cause,
    });
  }
}

interface OpenedRun {
  readonly runId: string;
  /** Samples of the machine so far. */
  readonly samples: number;
}

async function beginOrResume(
  journal: JournalWriter,
  start: ExperimentStart,
  onWarning: OnWarning,
): Promise<OpenedRun> {
  journal.flush();
  const past = await readPast(journal.path);
  if (past.damaged > 0) {
    const what = `${past.damaged} lines of the journal are damaged and were passed over`;
    warnSafely(onWarning, new TrackingError("TRACKING_JOURNAL_DAMAGED", what, { where: journal.path }));
  }
  const tags = redactTags(start.tags ?? {});
  const context = await runContext();
  if (past.start === undefined) {
    const runId = start.runId ?? randomUUID().replaceAll("-", "");
    journal.append({
      type: "start",
      time: wholeTime(start.startedAt),
      run_id: runId,
      experiment: start.experimentName,
      ...(start.runName === undefined ? {} : { run_name: start.runName }),
      ...(typeof start.parentRunId === "string" ? { parent_run_id: start.parentRunId } : {}),
      tags,
      context,
    });
    return { runId, samples: 0 };
  }
  if (start.runId !== undefined && start.runId !== past.start.run_id) {
    throw new TrackingError(
      "TRACKING_RUN_MISMATCH",
      `this folder holds run ${past.start.run_id}, not ${start.runId}`,
      {
        where: journal.path,
        fix: "give each run a folder of its own, or leave runId out to go on with this one",
      },
    );
  }
  journal.append({ type: "resume", time: Date.now(), tags, context });
  return { runId: past.start.run_id, samples: past.samples };
}

/** Whole, non-negative milliseconds: servers falsify a point whose time has a fraction. */
function wholeTime(time: number | undefined): number {
  const whole = Math.round(time ?? Number.NaN);
  return Number.isSafeInteger(whole) && whole >= 0 ? whole : Date.now();
}

function badValue(what: string): TrackingError {
  return new TrackingError("TRACKING_BAD_VALUE", what, {
    fix: "log finite numbers, NaN or ±Infinity, at whole steps",
  });
}

function onceOnly<T>(call: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (called) return;
    called = true;
    call(value);
  };
}
