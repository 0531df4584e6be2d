import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type JournalRecord, readJournal, SimpleExperimentTracker } from "../../src/tracking/index.ts";
import { histogramOf } from "../../src/tracking/run/histogram.ts";
import { parseNvidia, SystemSampler } from "../../src/tracking/run/system-sampler.ts";

async function recordsOf(runDir: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const { record } of readJournal(join(runDir, "journal.jsonl"))) records.push(record);
  return records;
}

describe("histogramOf", () => {
  it("counts every finite value once, the greatest too", () => {
    const histogram = histogramOf(Float64Array.of(0, 1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, 4));
    expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect([histogram?.bins[0], histogram?.bins.at(-1), histogram?.mean, histogram?.std]).toEqual([
      0,
      4,
      2,
      Math.SQRT2,
    ]);
  });

  it("gives a single value a bin, and nothing nothing", () => {
    expect(histogramOf([7, 7])).toMatchObject({ mean: 7, std: 0 });
    expect(histogramOf([7, 7])?.counts.filter((count) => count > 0)).toEqual([2]);
    expect(histogramOf([])).toBeUndefined();
    expect(histogramOf([Number.NaN])).toBeUndefined();
  });
});

describe("a research tracker", () => {
  it("keeps gradients, attention and data; a model without attention says so once", async () => {
    const runDir = await mkdtemp(join(tmpdir(), "ttm-research-"));
    const tracker = new SimpleExperimentTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    expect(tracker.logGradients({ "head.weight": [0, 1], empty: [] }, { step: 3 })).toBe(true);
    expect(tracker.logGradients({}, { step: 3 })).toBe(false);
    expect(tracker.logAttentionWeights({ "layer.0": Float32Array.of(0.5) }, { step: 3 })).toBe(true);
    expect([tracker.logAttentionWeights(null), tracker.logAttentionWeights(null)]).toEqual([false, false]);
    await tracker.logDataset({
      name: "etth1",
      digest: "ab12",
      context: "training",
      source: "/data/etth1.csv",
    });
    await tracker.endExperiment({ status: "completed" });
    const records = await recordsOf(runDir);
    const named = records.flatMap((record) =>
      record.type === "histogram" ? [`${record.name} ${record.step}`] : [],
    );
    expect(named).toEqual(["gradients/head.weight 3", "attention/layer.0 3"]);
    expect(records.filter(({ type }) => type === "tags")).toMatchObject([{ values: { attention: "none" } }]);
    expect(records.find(({ type }) => type === "dataset")).toMatchObject({
      name: "etth1",
      digest: "ab12",
      source_type: "local",
      context: "training",
    });
  });
});

describe("SystemSampler", () => {
  it("tells CPU, memory and disk of this machine", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ttm-sampler-"));
    const values = await new Promise<Readonly<Record<string, number>>>((done) => {
      const sampler = new SystemSampler({
        everySeconds: 0.05,
        folder,
        onSample: (sample) => {
          sampler.stop();
          done(sample);
        },
      });
      // The sampler's own timer keeps no process alive.
      setTimeout(() => undefined, 4_000).ref();
    });
    expect(values["process_memory_usage_megabytes"]).toBeGreaterThan(10);
    expect(values["system_memory_usage_percentage"]).toBeLessThanOrEqual(100);
    expect(values["disk_available_megabytes"]).toBeGreaterThan(0);
    expect(Object.values(values).every((value) => Math.round(10 * value) / 10 === value)).toBe(true);
  });

  it("reads nvidia-smi's lines under MLflow's names", () => {
    expect(parseNvidia("87, 10240, 81920, 312.5\n0, 4, 81920, [N/A]\n")).toEqual({
      gpu_0_utilization_percentage: 87,
      gpu_0_memory_usage_megabytes: 10_737.41824,
      gpu_0_memory_usage_percentage: 12.5,
      gpu_0_power_usage_watts: 312.5,
      gpu_1_utilization_percentage: 0,
      gpu_1_memory_usage_megabytes: 4.194304,
      gpu_1_memory_usage_percentage: 400 / 81_920,
    });
  });
});
