import { rm } from "node:fs/promises";
import { join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { AppendFile } from "../journal/append-file.ts";
import type { EndRecord, MetricsRecord, ModelRecord } from "../journal/journal-record.ts";
import { isJsonObject, type JsonValue } from "../json-value.ts";
import type { MetricText } from "../metric-value.ts";
import { type RunPast, readPast } from "./read-past.ts";

export interface ReadableFilesOptions {
  readonly runDir: string;
  readonly journalPath: string;
  readonly onFault: (fault: unknown) => void;
}

/** Records whose lines wait to be made, where the event loop never turns. */
const WAITING_AT_MOST = 256;

/** The readable side of a run's journal: `metrics.jsonl`, `params.json`, `model_info.json`, `run_summary.json`. */
export class ReadableFiles {
  readonly #runDir: string;
  readonly #onFault: (fault: unknown) => void;
  readonly #metrics: AppendFile;
  readonly #past: RunPast;
  readonly #waiting: MetricsRecord[] = [];

  private constructor(metrics: AppendFile, past: RunPast, options: ReadableFilesOptions) {
    this.#runDir = options.runDir;
    this.#onFault = options.onFault;
    this.#metrics = metrics;
    this.#past = past;
  }

  /** Writes the files anew from the journal, so that they agree with it whatever happened to the process before, and keeps them open. */
  static async open(options: ReadableFilesOptions): Promise<ReadableFiles> {
    const path = join(options.runDir, "metrics.jsonl");
    await rm(path, { force: true });
    const metrics = new AppendFile(path, 0, { atOnce: false, onFault: options.onFault });
    let model: ModelRecord | undefined;
    const past = await readPast(options.journalPath, ({ record }) => {
      if (record.type === "metrics") metrics.append(metricLines(record));
      if (record.type === "model") model = record;
    });
    metrics.flush();
    const files = new ReadableFiles(metrics, past, options);
    if (Object.keys(past.params).length > 0) await files.addParams({});
    if (model !== undefined) await files.addModel(model);
    await files.writeSummary(past.end);
    return files;
  }

  /** Only remembers: the lines are made at the next flush, off the hot path. */
  addMetrics(record: MetricsRecord): void {
    this.#waiting.push(record);
    if (this.#waiting.length >= WAITING_AT_MOST) this.#takeWaiting();
  }

  async addParams(values: Readonly<Record<string, JsonValue>>): Promise<void> {
    Object.assign(this.#past.params, values);
    await this.#write("params.json", this.#past.params);
  }

  addTags(values: Readonly<Record<string, string>>): void {
    Object.assign(this.#past.tags, values);
  }

  async addModel(record: ModelRecord): Promise<void> {
    await this.#write("model_info.json", modelInfo(record));
  }

  /** @param end  left out while the run goes on */
  async writeSummary(end: EndRecord | undefined): Promise<void> {
    this.#takeWaiting();
    await this.#write("run_summary.json", runSummary(this.#past, end));
  }

  flush(): void {
    this.#takeWaiting();
    this.#metrics.flush();
  }

  close(): void {
    this.#takeWaiting();
    this.#metrics.close();
  }

  #takeWaiting(): void {
    for (const record of this.#waiting) {
      Object.assign(this.#past.latest, record.values);
      this.#metrics.append(metricLines(record));
    }
    this.#waiting.length = 0;
  }

  async #write(name: string, value: JsonValue): Promise<void> {
    try {
      await writeFileAtomic(join(this.#runDir, name), `${JSON.stringify(value, null, 2)}\n`);
    } catch (fault) {
      this.#onFault(fault);
    }
  }
}

/** One line a point: `{"name","value","step","epoch"?,"time"}`. */
function metricLines(record: MetricsRecord): string {
  const { step, epoch, time } = record;
  const moment = epoch === undefined ? { step, time } : { step, epoch, time };
  let lines = "";
  for (const [name, value] of Object.entries(record.values))
    lines += `${JSON.stringify({ name, value, ...moment })}\n`;
  return lines;
}

/** What is known of a logged model, with its name and its place in the run folder. */
export function modelInfo(record: ModelRecord): JsonValue {
  return { ...(isJsonObject(record.info) ? record.info : {}), name: record.name, path: record.path };
}

function runSummary(past: RunPast, end: EndRecord | undefined): JsonValue {
  const { start, latest, tags } = past;
  const extra = isJsonObject(end?.summary) ? end.summary : {};
  const metrics: Record<string, JsonValue | MetricText> = {
    ...latest,
    ...(isJsonObject(extra["metrics"]) ? extra["metrics"] : {}),
  };
  return {
    run_id: start?.run_id ?? null,
    experiment_name: start?.experiment ?? null,
    run_name: start?.run_name ?? null,
    ...(start?.parent_run_id === undefined ? {} : { parent_run_id: start.parent_run_id }),
    ...extra,
    status: end?.status ?? "running",
    ...(end?.error === undefined ? {} : { error: { ...end.error } }),
    started_at: start === undefined ? null : new Date(start.time).toISOString(),
    ended_at: end === undefined ? null : new Date(end.time).toISOString(),
    metrics,
    tags: { ...tags },
  };
}
