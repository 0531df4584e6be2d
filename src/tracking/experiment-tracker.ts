/** What a run is called and where its files lie. */
export interface ExperimentStart {
  readonly experimentName: string;
  readonly runName?: string;
  /** The run's own id; made when left out. A run folder that has a journal already continues its run. */
  readonly runId?: string;
  /** The run's folder; made when it is not there. */
  readonly runDir: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** The `runId` of the run this one belongs to, such as a sweep. */
  readonly parentRunId?: string | null;
  /** Milliseconds since 1970; now when left out. */
  readonly startedAt?: number;
}

/** When a metric was measured. `step` counts optimizer steps (0 when left out), `time` is milliseconds since 1970 (now when left out). */
export interface MetricMoment {
  readonly step?: number;
  readonly epoch?: number;
  readonly time?: number;
}

/** A model's folder, such as an adapter, and what is known of it. */
export interface LoggedModel {
  readonly name: string;
  readonly path: string;
  readonly info: Readonly<Record<string, unknown>>;
}

/** Data that a run reads. */
export interface LoggedDataset {
  readonly name: string;
  /** At most 36 characters that change when the data does, such as the head of a SHA-256. */
  readonly digest: string;
  /** What it is used for: `training`, `validation`, `testing`. */
  readonly context?: string;
  /** Where it comes from: a path or an address. */
  readonly source: string;
  /** `local` when left out; also `http`, `s3`, `hugging_face`, `code`. */
  readonly sourceType?: string;
  readonly schema?: unknown;
  readonly profile?: unknown;
}

/** Numbers of a tensor, in any order. */
export type TensorValues = ArrayLike<number>;

export interface ExperimentEnd {
  readonly status: "completed" | "failed" | "killed";
  readonly error?: { readonly code?: string; readonly message: string };
  /** Further keys of `run_summary.json`; its `metrics` are laid over the last logged values. */
  readonly summary?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970; now when left out. */
  readonly endedAt?: number;
}

/**
 * Records one run at a time. Only `startExperiment` may throw; the others report through the tracker's own warnings, so that
 * tracking never ends training. After `endExperiment` the next `startExperiment` begins another run.
 */
export interface ExperimentTracker {
  startExperiment(experiment: ExperimentStart): Promise<{ runId: string }>;
  /** Params as the config has them; nested maps become keys joined with dots. */
  logParams(params: Readonly<Record<string, unknown>>): void | Promise<void>;
  /** The hot call: appends and returns, never throws, never waits for a server. NaN and ±Infinity are kept. */
  logMetrics(metrics: Readonly<Record<string, number>>, at?: MetricMoment): void | Promise<void>;
  setTags(tags: Readonly<Record<string, string>>): void | Promise<void>;
  /** A file goes to `artifactPath/<its name>`; a folder's content goes to `artifactPath` (the folder's name when left out). */
  logArtifact(path: string, artifactPath?: string): void | Promise<void>;
  logModel(model: LoggedModel): void | Promise<void>;
  endExperiment(end: ExperimentEnd): Promise<void>;
}

/** A tracker that keeps what research asks for besides; those of this package all do. */
export interface ResearchTracker extends ExperimentTracker {
  /** Notes data that the run reads. */
  logDataset(dataset: LoggedDataset): void | Promise<void>;
  /** Keeps a histogram, mean and deviation of each gradient, as `gradients/<name>`. Answers whether there was anything to keep. */
  logGradients(gradients: Readonly<Record<string, TensorValues>>, at?: MetricMoment): boolean;
  /**
   * The same for attention weights, as `attention/<name>`. A model without attention (a mixer such as TTM) hands over `null`: then nothing
   * is kept, the run gets the tag `attention: none`, and the answer is false.
   */
  logAttentionWeights(weights: Readonly<Record<string, TensorValues>> | null, at?: MetricMoment): boolean;
}

/** Whether a tracker is one that also keeps datasets and histograms. */
export function isResearchTracker(tracker: ExperimentTracker): tracker is ResearchTracker {
  return "logDataset" in tracker && "logGradients" in tracker && "logAttentionWeights" in tracker;
}
