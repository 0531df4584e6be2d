import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExperimentTracker, MetricMoment } from "../tracking/index.ts";

/** Records metrics of a run. */
export type MetricLog = (metrics: Readonly<Record<string, number>>, at: MetricMoment) => void;

/** Records every metric. */
export function metricLog(tracker: ExperimentTracker): MetricLog {
  return (metrics, at) => void tracker.logMetrics(metrics, at);
}

/**
 * Records what the run's earlier processes have not: training that goes on from a checkpoint takes some steps a second time, to
 * the same values, and trackers cannot take a point back.
 *
 * @param runDir  holds the run's `metrics.jsonl`, complete
 */
export function metricLogOfResumed(tracker: ExperimentTracker, runDir: string): MetricLog {
  const recorded = new Set(pointsOf(runDir).map(({ name, step }) => pointKey(name, step)));
  const log = metricLog(tracker);
  return (metrics, at) => {
    const fresh = Object.entries(metrics).filter(([name]) => !recorded.has(pointKey(name, at.step)));
    if (fresh.length > 0) log(Object.fromEntries(fresh), at);
  };
}

/** The last step that the run's earlier processes recorded; 0 where there is none. */
export function lastRecordedStep(runDir: string): number {
  const steps = pointsOf(runDir).filter(({ name }) => name === "train_loss");
  return steps.reduce((last, { step }) => Math.max(last, step), 0);
}

interface Point {
  readonly name: string;
  readonly step: number;
}

function pointsOf(runDir: string): Point[] {
  const file = join(runDir, "metrics.jsonl");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Point);
}

function pointKey(name: string, step = 0): string {
  return `${step} ${name}`;
}
