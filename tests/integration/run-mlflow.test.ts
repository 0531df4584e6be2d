import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProcess } from "../cli/run-ttm.ts";
import { readJson, readMetrics, type TinyExperiment, tinyExperiment } from "../experiment/tiny-experiment.ts";
import { type DumpedRun, dump, MlflowServer, whyNoServer } from "./mlflow-server.ts";

if (whyNoServer !== undefined) process.stderr.write(`skipped: ${whyNoServer}\n`);

/** `metrics.jsonl` in the form of the dump: [step, time, value] by name. */
function pointsOnDisk(runDir: string): DumpedRun["metrics"] {
  const byName: DumpedRun["metrics"] = {};
  for (const { name, step, time, value } of readMetrics(runDir)) {
    byName[name] ??= [];
    byName[name].push([step, time, value]);
  }
  for (const points of Object.values(byName)) points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return byName;
}

/** `params.json` as MLflow keeps params: text. */
function paramsOnDisk(runDir: string): Record<string, string> {
  const params = readJson(runDir, "params.json") as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

const named = (runs: readonly DumpedRun[], runDir: string): DumpedRun => {
  const id = readJson(runDir, "run_summary.json").run_id;
  const run = runs.find(({ tags }) => tags["ttm.clientRunId"] === id);
  if (run === undefined) throw new Error(`the server has no run ${id}`);
  return run;
};

const sha256 = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe.skipIf(whyNoServer !== undefined)("ttm tracker=mlflow on a real server", () => {
  const server = new MlflowServer("ttm-run", []);
  let tiny: TinyExperiment;
  beforeAll(async () => {
    tiny = await tinyExperiment();
    await server.start();
  });
  afterAll(async () => {
    await server.wipe();
    tiny.remove();
  });

  const train = (...words: string[]) =>
    runProcess([
      ...tiny.words,
      "tracker=mlflow",
      "tracker.system_metrics_seconds=0",
      `tracker.uri=${server.uri}`,
      ...words,
    ]);

  it("holds what the run's folder holds: no point, param or file more or less", async () => {
    const dir = join(tiny.root, "single");
    const { code, stderr } = await train(`hydra.run.dir=${dir}`, "experiment_name=single");
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain("warning");
    const runs = await dump(server.uri, "single");
    expect(runs).toHaveLength(1);
    const run = named(runs, dir);
    expect(run.metrics).toEqual(pointsOnDisk(dir));
    expect(Object.keys(run.metrics)).toEqual(expect.arrayContaining(["train_loss", "val_loss", "test_mse"]));
    expect(run.params).toEqual(paramsOnDisk(dir));
    expect(run.status).toBe("FINISHED");
    expect(run.end_time).toBe(Date.parse(readJson(dir, "run_summary.json").ended_at));
    expect(run.tags).toMatchObject({
      "mlflow.runName": "single",
      "mlflow.source.type": "LOCAL",
      "mlflow.source.name": expect.stringMatching(/main\.ts$/),
    });
    const held = new Map(run.artifacts.map(({ path, sha256: sum }) => [path, sum]));
    for (const name of tiny.files(join(dir, "adapter")))
      expect(held.get(`model/adapter/${name}`)).toBe(sha256(join(dir, "adapter", name)));
    expect(held.get("config.json")).toBe(sha256(join(dir, "config.json")));
  });

  it("gives a sweep a parent run, and its jobs that parent", async () => {
    const dir = join(tiny.root, "sweep");
    const { code, stderr } = await train(
      "--multirun",
      "training.learning_rate=1e-4,1e-3",
      "training.num_epochs=1",
      "experiment_name=sweep",
      `hydra.sweep.dir=${dir}`,
    );
    expect(code, stderr).toBe(0);
    const runs = await dump(server.uri, "sweep");
    expect(runs).toHaveLength(3);
    const parent = named(runs, dir);
    expect(parent).toMatchObject({ status: "FINISHED", parent: null, metrics: {} });
    expect(parent.artifacts.map(({ path }) => path)).toEqual(["sweep.json"]);
    for (const job of ["0", "1"]) {
      const run = named(runs, join(dir, job));
      expect(run).toMatchObject({ status: "FINISHED", parent: parent.id });
      expect(run.metrics).toEqual(pointsOnDisk(join(dir, job)));
    }
  });

  it("marks a failed run as failed", async () => {
    const dir = join(tiny.root, "failed");
    const words = ["data.target_columns=[lode]", "experiment_name=failed", `hydra.run.dir=${dir}`];
    expect((await train(...words)).code).toBe(1);
    const run = named(await dump(server.uri, "failed"), dir);
    expect(run).toMatchObject({
      status: "FAILED",
      tags: { "ttm.error": expect.stringContaining("DATA_NO_COLUMN") },
    });
  });

  it("marks an interrupted run as killed, with every point until then", async () => {
    const dir = join(tiny.root, "killed");
    const words = [
      ...tiny.words,
      "tracker=mlflow",
      "tracker.system_metrics_seconds=0",
      `tracker.uri=${server.uri}`,
      "training.num_epochs=5000",
      "training.patience=null",
      "experiment_name=killed",
      `hydra.run.dir=${dir}`,
    ];
    const ended = await runProcess(words, { interrupt: { after: /^epoch +1 /m, signal: "SIGINT" } });
    expect(ended.code).toBe(130);
    const run = named(await dump(server.uri, "killed"), dir);
    expect(run.status).toBe("KILLED");
    expect(run.metrics).toEqual(pointsOnDisk(dir));
  });
});
