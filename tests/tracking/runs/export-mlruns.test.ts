import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { exportMlruns, findRuns, SimpleExperimentTracker } from "../../../src/tracking/index.ts";

async function madeRun(): Promise<string> {
  const runDir = await mkdtemp(join(tmpdir(), "ttm-export-"));
  const tracker = new SimpleExperimentTracker();
  await tracker.startExperiment({
    experimentName: "demand: 1",
    runName: "one",
    runId: "123e4567e89b12d3a456426614174000",
    runDir,
    tags: { team: "grüße" },
  });
  await tracker.logParams({ training: { lr: 1e-3 }, name: "a b" });
  tracker.logMetrics({ loss: 0.5, "loss/val": Number.NaN }, { step: 1, time: 1_767_225_601_000 });
  tracker.logMetrics({ loss: Number.NEGATIVE_INFINITY, "acc@5": 1 }, { step: 2, time: 1_767_225_602_000 });
  await writeFile(join(runDir, "a.txt"), "a");
  await tracker.logArtifact(join(runDir, "a.txt"), "notes");
  await tracker.endExperiment({
    status: "failed",
    error: { message: "it broke" },
    endedAt: 1_767_225_603_000,
  });
  return runDir;
}

/** As §10.3 of the protocol's description wants it: whole lines of three fields, no empty file. */
function readMetric(path: string): string[][] {
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => line.split(" "));
}

it("lays a run out as MLflow's file store reads it", async () => {
  const [run] = await findRuns(await madeRun());
  const root = await mkdtemp(join(tmpdir(), "ttm-mlruns-"));
  if (run === undefined) throw new Error("no run");
  const { folder, experimentId, runId } = await exportMlruns(run, root);
  expect(runId).toBe("123e4567e89b12d3a456426614174000");
  expect(experimentId).toMatch(/^\d{1,10}$/);
  const experiment = parse(readFileSync(join(root, experimentId, "meta.yaml"), "utf8"));
  expect(experiment).toMatchObject({
    experiment_id: experimentId,
    name: "demand: 1",
    lifecycle_stage: "active",
  });
  expect(parse(readFileSync(join(folder, "meta.yaml"), "utf8"))).toMatchObject({
    run_id: runId,
    run_uuid: runId,
    experiment_id: experimentId,
    status: 4,
    end_time: 1_767_225_603_000,
    deleted_time: null,
    source_type: 4,
  });
  expect(readMetric(join(folder, "metrics/loss"))).toEqual([
    ["1767225601000", "0.5", "1"],
    ["1767225602000", "-Infinity", "2"],
  ]);
  expect(readMetric(join(folder, "metrics/loss_val_"))).toEqual([["1767225601000", "NaN", "1"]]);
  expect(readMetric(join(folder, "metrics/acc_5"))).toEqual([["1767225602000", "1", "2"]]);
  expect(readFileSync(join(folder, "params/training.lr"), "utf8")).toBe("0.001");
  expect(readFileSync(join(folder, "tags/team"), "utf8")).toBe("grüße");
  expect(readFileSync(join(folder, "artifacts/notes/a.txt"), "utf8")).toBe("a");
  expect(readdirSync(root)).toContain(".trash");
});

it("writes a run again in place of itself, and a second one beside it in the same experiment", async () => {
  const root = await mkdtemp(join(tmpdir(), "ttm-mlruns-"));
  const runDir = await madeRun();
  const [run] = await findRuns(runDir);
  if (run === undefined) throw new Error("no run");
  const first = await exportMlruns(run, root);
  const again = await exportMlruns(run, root);
  expect(again).toEqual(first);
  expect(readMetric(join(again.folder, "metrics/loss"))).toHaveLength(2);
});
