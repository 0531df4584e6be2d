import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HydraConfigManager, TTMTrainer } from "../../src/experiment/index.ts";
import {
  CompositeTracker,
  type ExperimentEnd,
  type ExperimentStart,
  type ExperimentTracker,
  type MetricMoment,
  SimpleExperimentTracker,
} from "../../src/tracking/index.ts";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "./tiny-experiment.ts";

/** A tracker as a user would write one. */
class ListTracker implements ExperimentTracker {
  readonly points: string[] = [];
  started: ExperimentStart | undefined;
  ended: ExperimentEnd | undefined;
  params: Readonly<Record<string, unknown>> = {};
  readonly kept: string[] = [];

  async startExperiment(start: ExperimentStart): Promise<{ runId: string }> {
    this.started = start;
    return { runId: start.runId ?? "mine" };
  }
  logParams(params: Readonly<Record<string, unknown>>): void {
    this.params = params;
  }
  logMetrics(metrics: Readonly<Record<string, number>>, at: MetricMoment = {}): void {
    for (const [name, value] of Object.entries(metrics)) this.points.push(`${name} ${at.step} ${value}`);
  }
  setTags(): void {}
  logArtifact(path: string): void {
    this.kept.push(path);
  }
  logModel({ name }: { name: string }): void {
    this.kept.push(name);
  }
  async endExperiment(end: ExperimentEnd): Promise<void> {
    this.ended = end;
  }
}

let tiny: TinyExperiment;
beforeAll(async () => {
  tiny = await tinyExperiment();
});
afterAll(() => tiny.remove());

const trainWith = (experimentTracker: ExperimentTracker) =>
  new TTMTrainer({
    configManager: new HydraConfigManager({ overrides: tiny.words }),
    experimentTracker,
    overrides: ["training.num_epochs=1"],
    tags: { team: "hydro" },
    parentRunId: "parent",
  }).train();

describe("TTMTrainer with a tracker of the user's own", () => {
  it("tells it everything, and keeps the run's files beside it", async () => {
    const mine = new ListTracker();
    const { runId, runDir, metrics } = await trainWith(mine);
    expect(mine.started).toMatchObject({
      experimentName: "waves",
      runDir,
      runId,
      tags: { team: "hydro" },
      parentRunId: "parent",
    });
    expect(mine.params).toMatchObject({ training: { num_epochs: 1 } });
    expect(mine.kept).toContain("adapter");
    expect(mine.ended).toMatchObject({ status: "completed", summary: { metrics } });
    expect(mine.points).toEqual(
      readMetrics(runDir).map(({ name, step, value }) => `${name} ${step} ${value}`),
    );
    expect(readJson(runDir, "run_summary.json")).toMatchObject({ run_id: runId, status: "completed" });
  });

  it("goes on where it fails", async () => {
    const broken = new ListTracker();
    broken.logParams = () => {
      throw new Error("no disk");
    };
    const warnings: string[] = [];
    const tracker = new CompositeTracker([new SimpleExperimentTracker(), broken], {
      onWarning: ({ message }) => warnings.push(message),
    });
    const { runDir } = await trainWith(tracker);
    expect(warnings.join()).toContain("no disk");
    expect(readJson(runDir, "run_summary.json")).toMatchObject({ status: "completed" });
  });
});

describe("TTMTrainer with several trackers", () => {
  it("gives all of them the same points", async () => {
    const [first, second] = [new ListTracker(), new ListTracker()];
    const { runDir } = await trainWith(new CompositeTracker([first, second]));
    expect(first.points.length).toBeGreaterThan(30);
    expect(second.points).toEqual(first.points);
    expect(existsSync(join(runDir, "journal.jsonl"))).toBe(true);
  });
});
