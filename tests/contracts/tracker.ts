import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ExperimentTracker, MetricMoment } from "../../src/tracking/index.ts";

/** What a tracker kept of a run, in a form that all trackers can be read back to. Values that are not finite are text. */
export interface KeptRun {
  readonly experiment: string;
  readonly status: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly points: readonly {
    readonly name: string;
    readonly value: number | string;
    readonly step: number;
    readonly time: number;
  }[];
  /** Paths of the artifacts, where the tracker keeps them. */
  readonly artifacts: readonly string[];
}

export interface TrackerUnderTest {
  readonly tracker: ExperimentTracker;
  /** Called after the end of a run. */
  readonly read: (runDir: string) => Promise<KeptRun>;
}

const POINTS: readonly [Record<string, number>, MetricMoment][] = [
  [
    { train_loss: 0.5, learning_rate: 1e-3 },
    { step: 1, epoch: 0, time: 1_767_225_601_000 },
  ],
  [{ train_loss: Number.NaN }, { step: 2, epoch: 0, time: 1_767_225_602_000 }],
  [{ train_loss: Number.POSITIVE_INFINITY }, { step: 3, time: 1_767_225_603_000.4 }],
  [
    { train_loss: Number.NEGATIVE_INFINITY, "val/loss": -0.25 },
    { step: 4, time: 1_767_225_604_000 },
  ],
];

const EXPECTED = [
  { name: "learning_rate", value: 1e-3, step: 1, time: 1_767_225_601_000 },
  { name: "train_loss", value: 0.5, step: 1, time: 1_767_225_601_000 },
  { name: "train_loss", value: "NaN", step: 2, time: 1_767_225_602_000 },
  { name: "train_loss", value: "Infinity", step: 3, time: 1_767_225_603_000 },
  { name: "train_loss", value: "-Infinity", step: 4, time: 1_767_225_604_000 },
  { name: "val/loss", value: -0.25, step: 4, time: 1_767_225_604_000 },
];

/** The suite that every tracker passes, those that users write too. */
export function trackerContract(name: string, make: () => Promise<TrackerUnderTest>): void {
  describe(`tracker contract: ${name}`, () => {
    const start = async (tracker: ExperimentTracker) => {
      const runDir = await mkdtemp(join(tmpdir(), "ttm-tracker-"));
      const { runId } = await tracker.startExperiment({
        experimentName: "contract",
        runName: "one",
        runDir,
        tags: { team: "blue" },
      });
      return { runDir, runId };
    };

    it("keeps every point, NaN and infinities too", async () => {
      const { tracker, read } = await make();
      const { runDir } = await start(tracker);
      for (const [metrics, at] of POINTS) await tracker.logMetrics(metrics, at);
      await tracker.endExperiment({ status: "completed" });
      const kept = await read(runDir);
      expect(sorted(kept.points)).toEqual(sorted(EXPECTED));
      expect(kept.status).toBe("completed");
      expect(kept.experiment).toBe("contract");
    });

    it("flattens params and keeps tags", async () => {
      const { tracker, read } = await make();
      const { runDir } = await start(tracker);
      await tracker.logParams({ training: { lr: 0.001, layers: [1, 2] }, name: "a b", on: true });
      await tracker.setTags({ note: "grüße" });
      await tracker.endExperiment({ status: "completed" });
      const kept = await read(runDir);
      expect(kept.params).toEqual({
        "training.lr": "0.001",
        "training.layers": "[1,2]",
        name: "a b",
        on: "true",
      });
      expect(kept.tags).toMatchObject({ team: "blue", note: "grüße" });
    });

    it("keeps artifacts from outside the run folder, files and folders", async () => {
      const { tracker, read } = await make();
      const { runDir } = await start(tracker);
      const folder = await mkdtemp(join(tmpdir(), "ttm-artifact-"));
      await writeFile(join(folder, "a.txt"), "a");
      await tracker.logArtifact(join(folder, "a.txt"), "notes");
      await tracker.logArtifact(folder, "all");
      await tracker.endExperiment({ status: "completed" });
      expect((await read(runDir)).artifacts).toEqual(expect.arrayContaining(["all/a.txt", "notes/a.txt"]));
    });

    it.each(["failed", "killed"] as const)("says how a run ended: %s", async (status) => {
      const { tracker, read } = await make();
      const { runDir } = await start(tracker);
      await tracker.endExperiment({ status, error: { code: "X", message: "it broke" } });
      expect((await read(runDir)).status).toBe(status);
    });

    it("records one run after the other", async () => {
      const { tracker, read } = await make();
      const first = await start(tracker);
      await tracker.logMetrics({ loss: 1 }, { step: 1 });
      await tracker.endExperiment({ status: "completed" });
      const second = await start(tracker);
      await tracker.logMetrics({ loss: 2 }, { step: 1 });
      await tracker.endExperiment({ status: "completed" });
      expect(second.runId).not.toBe(first.runId);
      expect((await read(first.runDir)).points.map(({ value }) => value)).toEqual([1]);
      expect((await read(second.runDir)).points.map(({ value }) => value)).toEqual([2]);
    });

    it("never throws into training", async () => {
      const { tracker } = await make();
      await start(tracker);
      const wrong: Record<string, number> = JSON.parse('{"loss": "text", "other": null}');
      await tracker.logMetrics(wrong, { step: 1.5, time: Number.NaN });
      await tracker.logArtifact("/no/such/file");
      await tracker.logParams({ self: globalThis });
      await tracker.endExperiment({ status: "completed" });
      await tracker.logMetrics({ late: 1 });
      await tracker.endExperiment({ status: "completed" });
    });
  });
}

function sorted(points: KeptRun["points"]): KeptRun["points"] {
  const order = ({ name, step }: KeptRun["points"][number]) => `${name} ${step}`;
  return [...points].sort((a, b) => (order(a) < order(b) ? -1 : 1));
}
