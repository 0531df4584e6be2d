import type {
  ArtifactRecord,
  DatasetRecord,
  EndRecord,
  HistogramRecord,
  JournalRecord,
  MetricsRecord,
  ModelRecord,
  ParamsRecord,
  StartRecord,
} from "../journal/journal-record.ts";
import { isJsonObject, type JsonValue } from "../json-value.ts";
import { artifactRecord, filesRecord } from "./run-files.ts";
import { type RowItem, RunRow, secondsSince } from "./run-row.ts";
import { configJson, metricJson } from "./value-json.ts";
import {
  configRecord,
  exitRecord,
  headerRecord,
  historyRecord,
  type RecordContent,
  runRecord,
  runtimeRecord,
  statsRecord,
  summaryRecord,
  telemetryRecord,
} from "./wandb-records.ts";
import { projectName, type WandbSettings } from "./wandb-settings.ts";

/** Exit codes by which W&B tells success from failure; it has no word for a killed run. */
const EXIT_CODE = { completed: 0, failed: 1, killed: 255 } as const satisfies Record<
  EndRecord["status"],
  number
>;

/** Where the translation goes. */
export interface WandbSink {
  /** A file begins: the first one, and one for each time that the run goes on after its end. */
  begin(runId: string, time: number): Promise<void>;
  /** The `files` folder of the file that is open; undefined where nothing is written. */
  readonly filesDir: string | undefined;
  write(content: RecordContent): void;
  /** A step went back: W&B's `_step` cannot. */
  stepBack(step: number, written: number): void;
}

export interface WandbTranslatorOptions {
  readonly settings: WandbSettings;
  readonly runDir: string;
  readonly sink: WandbSink;
}

/**
 * Turns a journal's records, in order, into those that wandb itself would have written. The same journal gives the same records, wherever
 * the reading was interrupted: `rest` says where it may be.
 */
export class WandbTranslator {
  readonly #options: WandbTranslatorOptions;
  #start: StartRecord | undefined;
  readonly #tags: Record<string, string> = {};
  /** The run is described when its first params are known, or when anything else comes. */
  #undescribed: { readonly time: number } | undefined;
  #row: RunRow | undefined;
  #beganRow = false;
  #lastStep = 0;
  #startTime = 0;
  #folderTime = 0;
  #open = false;

  constructor(options: WandbTranslatorOptions) {
    this.#options = options;
  }

  /**
   * Where the reading may go on another time, after the record that was translated last: behind it, where everything is written; before
   * it, where it began a row; else at neither of the two.
   */
  get rest(): "behind" | "before" | "neither" {
    if (this.#undescribed !== undefined) return "neither";
    if (this.#row === undefined) return "behind";
    return this.#beganRow ? "before" : "neither";
  }

  /** The reading went on from here another time: the open row was written then. */
  settle(): void {
    this.#closeRow();
  }

  async translate(record: JournalRecord): Promise<void> {
    this.#beganRow = false;
    if (record.type === "start" || record.type === "resume") return this.#begin(record);
    if (this.#start === undefined) return;
    if (this.#undescribed !== undefined) {
      const config = record.type === "params" ? paramsOf(record) : {};
      this.#describe(config);
      if (record.type === "params") return;
    }
    await this.#other(record, this.#start);
  }

  async #other(record: JournalRecord, start: StartRecord): Promise<void> {
    const { sink } = this.#options;
    switch (record.type) {
      case "params":
        return sink.write(configRecord(paramsOf(record)));
      case "tags":
        Object.assign(this.#tags, record.values);
        return sink.write(configRecord({}, this.#tags));
      case "metrics":
        return this.#addToRow(record, metricItems(record));
      case "histogram":
        return this.#addToRow(record, histogramItems(record));
      case "system":
        return sink.write(statsRecord(record));
      case "dataset":
        return sink.write(
          configRecord({ [`dataset/${record.context ?? record.name}`]: datasetConfig(record) }),
        );
      case "artifact":
      case "model":
        return this.#keep(record, start);
      case "end":
        return this.#end(record);
      default:
        // `journal` and `repair` are the file's own; a type that a later version adds is left alone.
        return;
    }
  }

  async #begin(record: Extract<JournalRecord, { type: "start" | "resume" }>): Promise<void> {
    Object.assign(this.#tags, record.tags);
    if (record.type === "start") this.#start = record;
    const start = this.#start;
    // A run that goes on without having ended goes on in its file.
    if (this.#open || start === undefined) return;
    this.#open = true;
    this.#startTime = record.time;
    // The folder's name counts seconds: a run that goes on at once gets the next one.
    this.#folderTime = Math.max(record.time, this.#folderTime + 1_000);
    await this.#options.sink.begin(start.run_id, this.#folderTime);
    this.#undescribed = { time: record.time };
  }

  #describe(config: Readonly<Record<string, JsonValue>>): void {
    const { sink, settings } = this.#options;
    const time = this.#undescribed?.time ?? 0;
    this.#undescribed = undefined;
    if (this.#start === undefined) return;
    sink.write(headerRecord());
    sink.write(runRecord({ start: this.#start, settings, config, tags: this.#tags, time }));
    sink.write(telemetryRecord());
  }

  #addToRow(record: MetricsRecord | HistogramRecord, items: readonly RowItem[]): void {
    if (this.#row !== undefined && !this.#row.takes(record.step, items)) this.#closeRow();
    this.#beganRow = this.#row === undefined;
    this.#row ??= new RunRow(record.step);
    this.#row.add(record.time, record.epoch, items);
  }

  #closeRow(): void {
    const row = this.#row;
    if (row === undefined) return;
    this.#row = undefined;
    const { sink } = this.#options;
    const step = Math.max(row.step, this.#lastStep);
    if (step !== row.step) sink.stepBack(row.step, step);
    this.#lastStep = step;
    const items = row.items(this.#startTime, step);
    sink.write(runtimeRecord(this.#startTime, row.time));
    sink.write(summaryRecord(items));
    sink.write(historyRecord(items, step));
  }

  async #keep(record: ArtifactRecord | ModelRecord, start: StartRecord): Promise<void> {
    const { sink, settings, runDir } = this.#options;
    if (sink.filesDir === undefined) return;
    const content =
      record.type === "artifact"
        ? await filesRecord(record, runDir, sink.filesDir)
        : await artifactRecord(record, runDir, {
            runId: start.run_id,
            project: projectName(settings.project ?? start.experiment),
            entity: settings.entity ?? "",
          });
    if (content !== undefined) sink.write(content);
  }

  #end(record: EndRecord): void {
    this.#closeRow();
    const { sink } = this.#options;
    const metrics = isJsonObject(record.summary) ? record.summary["metrics"] : undefined;
    const items = isJsonObject(metrics) ? Object.entries(metrics).map(summaryItem) : [];
    if (items.length > 0) sink.write(summaryRecord(items));
    if (record.error !== undefined) sink.write(configRecord({ error: { ...record.error } }));
    sink.write(telemetryRecord());
    sink.write(runtimeRecord(this.#startTime, record.time));
    sink.write(exitRecord(EXIT_CODE[record.status], secondsSince(this.#startTime, record.time)));
    this.#open = false;
  }
}

function paramsOf(record: ParamsRecord): Readonly<Record<string, JsonValue>> {
  return record.tree ?? record.values;
}

function metricItems({ values }: MetricsRecord): RowItem[] {
  return Object.entries(values).map(([name, value]) => ({ path: [name], json: metricJson(value) }));
}

function histogramItems({ name, bins, counts }: HistogramRecord): RowItem[] {
  return [
    { path: [name, "_type"], json: '"histogram"' },
    { path: [name, "values"], json: `[${counts.map(metricJson).join(",")}]` },
    { path: [name, "bins"], json: `[${bins.map(metricJson).join(",")}]` },
  ];
}

function summaryItem([name, value]: [string, JsonValue]): RowItem {
  const bare = value === "NaN" || value === "Infinity" || value === "-Infinity";
  return { path: [name], json: bare ? value : configJson(value) };
}

function datasetConfig({ name, digest, source_type, source }: DatasetRecord): JsonValue {
  return { name, digest, source_type, source };
}
