import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import {
  type ExperimentEnd,
  type ExperimentStart,
  type ExperimentTracker,
  flattenParams,
  type MetricMoment,
} from "../../src/tracking/index.ts";
import type { KeptRun } from "../contracts/tracker.ts";

interface Kept extends KeptRun {
  status: string;
  params: Record<string, string>;
  tags: Record<string, string>;
  points: KeptRun["points"][number][];
  artifacts: string[];
}

/** A tracker as a user might write it. */
export class MemoryTracker implements ExperimentTracker {
  readonly #runs = new Map<string, Kept>();
  #run: Kept | undefined;

  async startExperiment(experiment: ExperimentStart): Promise<{ runId: string }> {
    const { experimentName, tags, runDir, runId } = experiment;
    this.#run = {
      experiment: experimentName,
      status: "running",
      params: {},
      tags: { ...tags },
      points: [],
      artifacts: [],
    };
    this.#runs.set(runDir, this.#run);
    return { runId: runId ?? `run-${Math.round(performance.now() * 1e6)}` };
  }

  logParams(params: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(flattenParams(params))) {
      if (this.#run) this.#run.params[key] = typeof value === "string" ? value : JSON.stringify(value);
    }
  }

  logMetrics(metrics: Readonly<Record<string, number>>, at: MetricMoment = {}): void {
    const { step = 0, time = Date.now() } = at;
    for (const [name, value] of Object.entries(metrics)) {
      const kept = Number.isFinite(value) ? value : String(value);
      this.#run?.points.push({ name, value: kept, step, time: Math.round(time) });
    }
  }

  setTags(tags: Readonly<Record<string, string>>): void {
    Object.assign(this.#run?.tags ?? {}, tags);
  }

  logArtifact(path: string, artifactPath = ""): void {
    if (!existsSync(path)) return;
    const names = statSync(path).isDirectory() ? readdirSync(path) : [basename(path)];
    this.#run?.artifacts.push(...names.map((name) => join(artifactPath, name)));
  }

  logModel(): void {}

  async endExperiment(end: ExperimentEnd): Promise<void> {
    if (this.#run) this.#run.status = end.status;
    this.#run = undefined;
  }

  read(runDir: string): KeptRun {
    const run = this.#runs.get(runDir);
    if (run === undefined) throw new Error(`no run in ${runDir}`);
    return run;
  }
}
