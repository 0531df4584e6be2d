import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SimpleExperimentTracker } from "../../src/tracking/index.ts";
import { readJson, readLines } from "./read-run-files.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "ttm-file-"));

describe("SimpleExperimentTracker", () => {
  it("writes run_summary.json at the start and at the end", async () => {
    const runDir = await newFolder();
    const tracker = new SimpleExperimentTracker();
    const { runId } = await tracker.startExperiment({
      experimentName: "e",
      runName: "n",
      runDir,
      startedAt: 1_767_225_600_000,
    });
    const path = join(runDir, "run_summary.json");
    expect(await readJson(path)).toMatchObject({
      run_id: runId,
      status: "running",
      started_at: "2026-01-01T00:00:00.000Z",
      ended_at: null,
    });
    tracker.logMetrics({ train_loss: 2, test_mse: 1 }, { step: 3 });
    const summary = { metrics: { test_mse: 0.25 }, weights: { source: "bundled" } };
    await tracker.endExperiment({ status: "completed", summary, endedAt: 1_767_225_660_000 });
    expect(await readJson(path)).toMatchObject({
      run_id: runId,
      experiment_name: "e",
      run_name: "n",
      status: "completed",
      ended_at: "2026-01-01T00:01:00.000Z",
      metrics: { train_loss: 2, test_mse: 0.25 },
      weights: { source: "bundled" },
    });
  });

  it("writes the model's info beside its place in the run folder", async () => {
    const runDir = await newFolder();
    const tracker = new SimpleExperimentTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    await writeFile(join(runDir, "adapter.bin"), "x");
    await tracker.logModel({ name: "adapter", path: join(runDir, "adapter.bin"), info: { rank: 8 } });
    await tracker.endExperiment({ status: "completed" });
    expect(await readJson(join(runDir, "model_info.json"))).toEqual({
      name: "adapter",
      path: "adapter.bin",
      rank: 8,
    });
  });

  it("goes on with the run whose journal is there, and mends metrics.jsonl from it", async () => {
    const runDir = await newFolder();
    const first = new SimpleExperimentTracker();
    const { runId } = await first.startExperiment({ experimentName: "e", runDir });
    first.logMetrics({ loss: 1 }, { step: 1, time: 10 });
    await first.endExperiment({ status: "killed" });
    const path = join(runDir, "metrics.jsonl");
    await writeFile(path, '{"name":"lo');
    await rm(join(runDir, "run_summary.json"));
    const second = new SimpleExperimentTracker();
    expect(await second.startExperiment({ experimentName: "e", runDir })).toEqual({ runId });
    expect(await readJson(join(runDir, "run_summary.json"))).toMatchObject({ status: "running" });
    second.logMetrics({ loss: 2 }, { step: 2, time: 20 });
    await second.endExperiment({ status: "completed" });
    expect(await readLines(path)).toEqual([
      { name: "loss", value: 1, step: 1, time: 10 },
      { name: "loss", value: 2, step: 2, time: 20 },
    ]);
    expect(await readJson(join(runDir, "run_summary.json"))).toMatchObject({
      status: "completed",
      metrics: { loss: 2 },
    });
  });

  it("refuses a folder that holds another run", async () => {
    const runDir = await newFolder();
    const tracker = new SimpleExperimentTracker();
    await tracker.startExperiment({ experimentName: "e", runDir, runId: "a" });
    await tracker.endExperiment({ status: "completed" });
    await expect(tracker.startExperiment({ experimentName: "e", runDir, runId: "b" })).rejects.toMatchObject({
      code: "TRACKING_RUN_MISMATCH",
    });
  });

  it("has everything on disk when the process is told to exit", async () => {
    const runDir = await newFolder();
    const { execFile } = await import("node:child_process");
    const script = `
      import { SimpleExperimentTracker } from ${JSON.stringify(join(import.meta.dirname, "../../src/tracking/index.ts"))};
      const tracker = new SimpleExperimentTracker();
      await tracker.startExperiment({ experimentName: "e", runDir: ${JSON.stringify(runDir)} });
      for (let step = 0; step < 1000; step++) tracker.logMetrics({ loss: step }, { step });
      process.exit(3);`;
    const node = [process.execPath, "--import", "tsx", "--input-type=module", "--eval", script] as const;
    await new Promise((resolve) => execFile(node[0], node.slice(1), resolve));
    expect(await readLines(join(runDir, "metrics.jsonl"))).toHaveLength(1_000);
    expect((await readFile(join(runDir, "journal.jsonl"), "utf8")).split("\n")).toHaveLength(1_003);
  });

  it("warns once when nothing was started", async () => {
    const codes: string[] = [];
    const tracker = new SimpleExperimentTracker({ onWarning: ({ code }) => codes.push(code) });
    tracker.logMetrics({ loss: 1 });
    await tracker.logParams({ a: 1 });
    expect(codes).toEqual(["TRACKING_NOT_STARTED"]);
  });
});
