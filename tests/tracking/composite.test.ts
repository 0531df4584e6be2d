import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  CompositeTracker,
  keepsRunFiles,
  MLflowExperimentTracker,
  SimpleExperimentTracker,
} from "../../src/tracking/index.ts";
import { FAKE_URI, FakeMlflow } from "./fake-mlflow.ts";
import { MemoryTracker } from "./memory-tracker.ts";
import { readRunFiles } from "./read-run-files.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "ttm-composite-"));

class DeadTracker extends MemoryTracker {
  override startExperiment(): Promise<{ runId: string }> {
    return new Promise(() => undefined);
  }
}

class ThrowingTracker extends MemoryTracker {
  override logMetrics(): void {
    throw new Error("no");
  }
}

describe("CompositeTracker", () => {
  it("takes composites among its children as their children", async () => {
    const runDir = await newFolder();
    const memory = new MemoryTracker();
    const inner = new CompositeTracker([memory, new SimpleExperimentTracker()]);
    const tracker = new CompositeTracker([inner]);
    await tracker.startExperiment({ experimentName: "e", runDir });
    tracker.logMetrics({ loss: 1 }, { step: 1 });
    await tracker.endExperiment({ status: "completed" });
    expect(memory.read(runDir).points).toEqual((await readRunFiles(runDir)).points);
    expect([tracker, inner, memory, new CompositeTracker([memory])].map(keepsRunFiles)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("gives server and files the same points at the same times", async () => {
    const runDir = await newFolder();
    const server = new FakeMlflow();
    const mlflow = new MLflowExperimentTracker(FAKE_URI, { dispatcher: server.agent, env: {} });
    const tracker = new CompositeTracker([mlflow, new SimpleExperimentTracker()]);
    await tracker.startExperiment({ experimentName: "e", runDir });
    for (let step = 0; step < 2_500; step++) tracker.logMetrics({ a: step / 3, b: -step }, { step });
    await tracker.endExperiment({ status: "completed" });
    expect(server.kept(server.run).points).toEqual((await readRunFiles(runDir)).points);
    expect(server.run.points).toHaveLength(5_000);
  });

  it("lets no child delay or stop another", async () => {
    const runDir = await newFolder();
    const memory = new MemoryTracker();
    const codes: string[] = [];
    const children = [new DeadTracker(), new ThrowingTracker(), memory, new SimpleExperimentTracker()];
    const tracker = new CompositeTracker(children, {
      deadlineSeconds: 0.05,
      onWarning: ({ code }) => codes.push(code),
    });
    await tracker.startExperiment({ experimentName: "e", runDir });
    for (let step = 0; step < 3_000; step++) tracker.logMetrics({ loss: step }, { step });
    await tracker.endExperiment({ status: "completed" });
    expect(memory.read(runDir).points).toHaveLength(3_000);
    expect((await readRunFiles(runDir)).points).toHaveLength(3_000);
    expect(codes.sort()).toEqual(["TRACKING_CHILD_FAILED", "TRACKING_CHILD_SLOW"]);
  });

  it("tells a child of its own the run's id and one time for all", async () => {
    const runDir = await newFolder();
    const memory = new MemoryTracker();
    const tracker = new CompositeTracker([memory, new SimpleExperimentTracker()]);
    const { runId } = await tracker.startExperiment({ experimentName: "e", runDir });
    tracker.logMetrics({ loss: 1 });
    await tracker.endExperiment({ status: "completed" });
    expect(runId).toMatch(/^[0-9a-f]{32}$/);
    expect(memory.read(runDir).points).toEqual((await readRunFiles(runDir)).points);
  });
});
