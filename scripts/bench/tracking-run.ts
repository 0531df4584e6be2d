// One part of `bench tracking`, in a process of its own: prints one JSON line.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  CompositeTracker,
  type ExperimentTracker,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
  WandbExperimentTracker,
} from "../../src/tracking/index.ts";
import { peakMemory } from "./peak-memory.ts";
import { round } from "./statistics.ts";

interface Part {
  readonly mode: "call" | "visible" | "outage";
  readonly uri: string;
  readonly steps: number;
  /** Of an outage. */
  readonly seconds: number;
}

const METRICS = 5;
const CALLS_BETWEEN_PAUSES = 50;
/** A thousand points a second. */
const OUTAGE_CALLS = 200;

const part = JSON.parse(process.argv[2] ?? "") as Part;
const runDir = await mkdtemp(join(tmpdir(), "ttm-bench-tracking-"));
const quiet = { onWarning: () => undefined };
const keys = Array.from({ length: METRICS }, (_, index) => `train/m${index}`);
const metricsAt = (step: number) => Object.fromEntries(keys.map((key, at) => [key, 1 / (step + at + 1)]));

/** The blocking time of each call, in milliseconds. */
function timed(tracker: ExperimentTracker, step: number, times: number[]): void {
  const metrics = metricsAt(step);
  const start = performance.now();
  tracker.logMetrics(metrics, { step });
  times.push(performance.now() - start);
}

function blocking(times: number[]): Record<string, number> {
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    block_ms_p50: round(at(0.5), 4),
    block_ms_p99: round(at(0.99), 4),
    block_ms_max: round(at(1), 3),
  };
}

async function started(...children: ExperimentTracker[]): Promise<CompositeTracker> {
  const tracker = new CompositeTracker([new SimpleExperimentTracker(quiet), ...children], quiet);
  await tracker.startExperiment({ experimentName: "bench", runDir });
  return tracker;
}

/** Calls beside a server that listens, with pauses in which everything else gets its turn, as a training loop has them. */
async function measureCall(): Promise<Record<string, unknown>> {
  const remotes = part.uri === "" ? [] : [new MLflowExperimentTracker(part.uri, quiet)];
  const tracker = await started(...remotes, new WandbExperimentTracker({ ...quiet, env: {} }));
  const times: number[] = [];
  for (let step = 0; step < part.steps; step++) {
    timed(tracker, step, times);
    if (step % CALLS_BETWEEN_PAUSES === 0) await wait(5);
  }
  await tracker.endExperiment({ status: "completed" });
  return { calls: times.length, ...blocking(times), rss_peak_mb: peakMemory() };
}

/** From the first call until the server has every point. */
async function measureVisible(): Promise<Record<string, unknown>> {
  const tracker = await started(new MLflowExperimentTracker(part.uri, { ...quiet, deadlineSeconds: 600 }));
  tracker.logMetrics({ warm: 0 }, { step: 0 });
  await wait(2_500);
  const cpu = process.cpuUsage();
  const times: number[] = [];
  const start = performance.now();
  for (let step = 0; step < part.steps; step++) timed(tracker, step, times);
  const loop = performance.now() - start;
  await tracker.endExperiment({ status: "completed" });
  const visible = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const points = part.steps * METRICS;
  return {
    points,
    points_per_s: Math.round(points / visible),
    ms_per_point: round((1_000 * visible) / points, 4),
    ...blocking(times),
    loop_s: round(loop / 1_000, 3),
    visible_s: round(visible, 2),
    client_cpu_s: round((user + system) / 1e6, 2),
    rss_peak_mb: peakMemory(),
  };
}

/** A thousand points a second to a server that is not there. */
async function measureOutage(): Promise<Record<string, unknown>> {
  const tracker = await started(
    new MLflowExperimentTracker("http://127.0.0.1:9", { ...quiet, deadlineSeconds: 0 }),
  );
  const before = process.memoryUsage.rss();
  let step = 0;
  const heaps: number[] = [];
  const start = performance.now();
  while (performance.now() - start < 1_000 * part.seconds) {
    const due = ((performance.now() - start) / 1_000) * OUTAGE_CALLS;
    for (; step < due; step++) tracker.logMetrics(metricsAt(step), { step });
    heaps.push(process.memoryUsage.rss());
    await wait(50);
  }
  const most = Math.max(...heaps);
  await tracker.endExperiment({ status: "killed" });
  return {
    seconds: part.seconds,
    points: step * METRICS,
    rss_before_mb: round(before / 1e6, 1),
    rss_peak_mb: round(most / 1e6, 1),
    rss_growth_mb: round((most - before) / 1e6, 1),
  };
}

const parts = { call: measureCall, visible: measureVisible, outage: measureOutage };
const line = await parts[part.mode]();
await rm(runDir, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ mode: part.mode, ...line })}\n`);
process.exit(0);
