import type { JsonValue } from "../json-value.ts";
import type { MetricText } from "../metric-value.ts";

/** The format's version; raised when a reader of the older one would misread. */
export const JOURNAL_VERSION = 1;

/** First line of every journal. */
interface HeaderRecord {
  readonly type: "journal";
  readonly version: number;
  readonly time: number;
}

/** Where the run came from, taken when it began. */
export interface RunContext {
  readonly user: string;
  readonly source: string;
  readonly git_commit?: string;
}

export interface StartRecord {
  readonly type: "start";
  readonly time: number;
  readonly run_id: string;
  readonly experiment: string;
  readonly run_name?: string;
  readonly parent_run_id?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly context: RunContext;
}

/** A later process goes on with the run. */
interface ResumeRecord {
  readonly type: "resume";
  readonly time: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly context: RunContext;
}

export interface ParamsRecord {
  readonly type: "params";
  readonly time: number;
  readonly values: Readonly<Record<string, JsonValue>>;
  /** The params as they were given, where maps nest or numbers are not finite; see `param-tree.ts`. */
  readonly tree?: Readonly<Record<string, JsonValue>>;
}

export interface MetricsRecord {
  readonly type: "metrics";
  readonly time: number;
  readonly step: number;
  readonly epoch?: number;
  readonly values: Readonly<Record<string, MetricText>>;
}

/** What the machine was doing: a sample of CPU, memory, disk, network and GPUs, under MLflow's names. */
export interface SystemRecord {
  readonly type: "system";
  readonly time: number;
  /** Counts the samples of a run from 0. */
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The distribution of a tensor's values: `counts[i]` of them lie in [`bins[i]`, `bins[i + 1]`). */
export interface HistogramRecord {
  readonly type: "histogram";
  readonly time: number;
  readonly step: number;
  readonly epoch?: number;
  readonly name: string;
  readonly bins: readonly number[];
  readonly counts: readonly number[];
  readonly mean: number;
  readonly std: number;
}

/** What the run has read. */
export interface DatasetRecord {
  readonly type: "dataset";
  readonly time: number;
  readonly name: string;
  readonly digest: string;
  readonly context?: string;
  readonly source_type: string;
  readonly source: string;
  readonly schema?: JsonValue;
  readonly profile?: JsonValue;
}

interface TagsRecord {
  readonly type: "tags";
  readonly time: number;
  readonly values: Readonly<Record<string, string>>;
}

/** A file or folder of the run. `path` is relative to the run folder and has `/` between its parts. */
export interface ArtifactRecord {
  readonly type: "artifact";
  readonly time: number;
  readonly path: string;
  readonly folder: boolean;
  /** Where it shall lie among the run's artifacts: the file itself, or the folder that takes the content. */
  readonly target: string;
}

export interface ModelRecord {
  readonly type: "model";
  readonly time: number;
  readonly name: string;
  readonly path: string;
  readonly folder: boolean;
  readonly info: JsonValue;
}

export interface EndRecord {
  readonly type: "end";
  readonly time: number;
  readonly status: "completed" | "failed" | "killed";
  readonly error?: { readonly code?: string; readonly message: string };
  readonly summary?: JsonValue;
  /** Written by a later process, because the run's own one died. */
  readonly inferred?: true;
}

/** Torn bytes at the end of the file were cut off when it was opened again. */
interface RepairRecord {
  readonly type: "repair";
  readonly time: number;
  readonly dropped_bytes: number;
}

export type JournalRecord =
  | HeaderRecord
  | StartRecord
  | ResumeRecord
  | ParamsRecord
  | MetricsRecord
  | SystemRecord
  | HistogramRecord
  | DatasetRecord
  | TagsRecord
  | ArtifactRecord
  | ModelRecord
  | EndRecord
  | RepairRecord;
