import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { WandbExperimentTracker, type WandbTrackerOptions } from "../../../src/tracking/index.ts";
import { readWandbFile } from "../../../src/tracking/wandb/read-wandb-file.ts";
import { syncWandb } from "../../../src/tracking/wandb/sync-wandb.ts";
import { type DescribedWandb, describeWandb } from "./describe-wandb.ts";
import { wandbFiles } from "./wandb-files.ts";

const newFolder = () => mkdtemp(join(tmpdir(), "ttm-wandb-"));
const newTracker = (options: WandbTrackerOptions = {}) => new WandbExperimentTracker({ env: {}, ...options });

async function describeRun(runDir: string): Promise<DescribedWandb[]> {
  return Promise.all(wandbFiles(runDir).map(describeWandb));
}

const stepsOf = (told: DescribedWandb | undefined) => told?.history.map(({ step }) => step);

describe("rows", () => {
  it("holds what was logged at one step in one row, and nothing gets lost where a name comes twice", async () => {
    const runDir = await newFolder();
    const tracker = newTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    tracker.logMetrics({ a: 1 }, { step: 1, epoch: 0.5 });
    tracker.logMetrics({ b: 2 }, { step: 1 });
    tracker.logMetrics({ a: 3 }, { step: 1 });
    tracker.logMetrics({ a: 4 }, { step: 2 });
    await tracker.endExperiment({ status: "completed", summary: { metrics: { best: 1, odd: Number.NaN } } });
    const [told] = await describeRun(runDir);
    expect(
      told?.history.map(({ items }) => [items["_step"], items["a"], items["b"], items["epoch"]]),
    ).toEqual([
      [1, 1, 2, 0.5],
      [1, 3, undefined, undefined],
      [2, 4, undefined, undefined],
    ]);
    expect(told?.summary).toMatchObject({ a: 4, b: 2, best: 1, odd: "NaN" });
  });

  it("keeps a step that goes back, which wandb would drop, and says so once", async () => {
    const runDir = await newFolder();
    const codes: string[] = [];
    const tracker = newTracker({ onWarning: ({ code }) => codes.push(code) });
    await tracker.startExperiment({ experimentName: "e", runDir });
    for (const step of [5, 3, 4, 6]) tracker.logMetrics({ a: step }, { step });
    await tracker.endExperiment({ status: "completed" });
    const [told] = await describeRun(runDir);
    expect(told?.history.map(({ items }) => [items["_step"], items["ttm/step"], items["a"]])).toEqual([
      [5, undefined, 5],
      [5, 3, 3],
      [5, 4, 4],
      [6, undefined, 6],
    ]);
    expect(codes).toEqual(["WANDB_STEP_BACK"]);
  });

  it("writes histograms as wandb's own, and says of a model without attention that it has none", async () => {
    const runDir = await newFolder();
    const tracker = newTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    expect(tracker.logGradients({ "head.weight": Float32Array.of(-1, 0, 1, 1) }, { step: 3 })).toBe(true);
    expect(tracker.logAttentionWeights(null)).toBe(false);
    await tracker.endExperiment({ status: "completed" });
    const [told] = await describeRun(runDir);
    const histogram = told?.history[0]?.items["gradients/head.weight"] as {
      values: number[];
      bins: number[];
    };
    expect(histogram).toMatchObject({ _type: "histogram" });
    expect(histogram.bins).toHaveLength(histogram.values.length + 1);
    expect([histogram.values[0], histogram.values.at(-1)]).toEqual([1, 2]);
    expect(told?.config).toMatchObject({ tags: { attention: "none" } });
  });
});

describe("files", () => {
  it("lays artifacts where wandb sync looks for them, and a model as an artifact", async () => {
    const runDir = await newFolder();
    await writeFile(join(runDir, "notes é.txt"), "hello");
    await writeFile(join(runDir, "config.json"), '{"dim":64}');
    const tracker = newTracker();
    await tracker.startExperiment({ experimentName: "e", runId: "files001", runDir });
    await tracker.logArtifact(join(runDir, "notes é.txt"), "out");
    await tracker.logModel({ name: "model", path: join(runDir, "config.json"), info: { dim: 64 } });
    await tracker.endExperiment({ status: "completed" });
    const [told] = await describeRun(runDir);
    expect(told?.files).toEqual([{ path: "out/notes é.txt", policy: "END", type: "OTHER" }]);
    const [folder] = wandbFiles(runDir).map((file) => join(file, "../files"));
    expect(readFileSync(join(folder ?? "", "out/notes é.txt"), "utf8")).toBe("hello");
    expect(told?.artifacts).toMatchObject([
      {
        name: "model-files001",
        type: "model",
        aliases: ["latest"],
        entries: [{ path: "config.json", size: 10 }],
      },
    ]);
  });
});

describe("a run that goes on", () => {
  it("gets a second file after its end, with the params and what follows", async () => {
    const runDir = await newFolder();
    for (const part of [0, 1]) {
      const tracker = newTracker();
      await tracker.startExperiment({ experimentName: "e", runDir });
      await tracker.logParams({ lr: 0.1 });
      for (const step of [0, 1, 2]) tracker.logMetrics({ loss: 1 }, { step: 3 * part + step });
      await tracker.endExperiment({ status: "completed" });
    }
    const told = await describeRun(runDir);
    expect(told.map(stepsOf)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(told.map(({ config }) => config["lr"])).toEqual([0.1, 0.1]);
    expect(told[0]?.run?.["run_id"]).toBe(told[1]?.run?.["run_id"]);
  });

  it("is written to the same bytes wherever the writer was cut off", async () => {
    const runDir = await newFolder();
    const tracker = newTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    await tracker.logParams({ model: { dim: 8 } });
    for (let step = 0; step < 400; step++) tracker.logMetrics({ loss: step / 7, lr: 1e-3 }, { step });
    await tracker.endExperiment({ status: "completed" });
    const [file] = wandbFiles(runDir);
    const whole = await readFile(file ?? "");
    const statePath = join(runDir, ".ttm/wandb/state.json");
    const last = JSON.parse(readFileSync(statePath, "utf8"));
    const ends: { size: number; num: number }[] = [];
    for await (const { end, record } of readWandbFile(file ?? ""))
      if (record.recordType.case === "history") ends.push({ size: end, num: Number(record.num) });
    const journal = readFileSync(join(runDir, ".ttm/wandb/journal.jsonl"), "utf8").split("\n");
    for (const row of [0, 7, 399]) {
      // What the state says when that row has just begun: the journal before it stands in the file.
      const offset = row === 0 ? 0 : journal.slice(0, 3 + row).join("\n").length + 1;
      const { size, num } = ends[row - 1] ?? { size: 0, num: 0 };
      const state = { ...last, offset, size, num, ...(row === 0 ? { file: null } : {}) };
      await writeFile(statePath, JSON.stringify(state));
      await truncate(file ?? "", Math.max(7, size));
      const report = await syncWandb(runDir, () => undefined);
      expect(report).toMatchObject({ pending: 0 });
      expect((await readFile(file ?? "")).equals(whole), `row ${row}`).toBe(true);
    }
  });

  it("whose process died without an end is closed as failed by the next sync", async () => {
    const runDir = await newFolder();
    const tracker = newTracker();
    await tracker.startExperiment({ experimentName: "e", runDir });
    for (let step = 0; step < 10; step++) tracker.logMetrics({ loss: step }, { step });
    await tracker.endExperiment({ status: "completed" });
    const path = join(runDir, ".ttm/wandb/journal.jsonl");
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    await writeFile(path, `${lines.slice(0, -1).join("\n")}\n`);
    await writeFile(join(runDir, ".ttm/wandb/state.json"), "");
    const report = await syncWandb(runDir, () => undefined);
    expect(report).toMatchObject({ recorded: 10, pending: 0 });
    const [told] = await describeRun(runDir);
    expect(stepsOf(told)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(told?.exit).toEqual({ exit_code: 255 });
  });
});

describe("settings", () => {
  it("come from the variables where the program says nothing", async () => {
    const runDir = await newFolder();
    const env = { WANDB_PROJECT: "p", WANDB_TAGS: "a, b", WANDB_DIR: join(runDir, "elsewhere") };
    const tracker = newTracker({ env, entity: "team" });
    await tracker.startExperiment({ experimentName: "e", runDir, parentRunId: "sweep1" });
    await tracker.endExperiment({ status: "failed" });
    const [told] = await describeRun(join(runDir, "elsewhere"));
    expect(told?.run).toMatchObject({ project: "p", entity: "team", run_group: "sweep1", tags: ["a", "b"] });
  });

  it("write nothing where W&B is disabled, and refuse what is not offered", async () => {
    const runDir = await newFolder();
    const tracker = newTracker({ env: { WANDB_MODE: "disabled" } });
    await tracker.startExperiment({ experimentName: "e", runDir });
    await tracker.endExperiment({ status: "completed" });
    expect(existsSync(join(runDir, "wandb"))).toBe(false);
    expect(() => newTracker({ env: { WANDB_MODE: "online" } })).toThrow(
      expect.objectContaining({ code: "WANDB_SETTING" }),
    );
  });
});
